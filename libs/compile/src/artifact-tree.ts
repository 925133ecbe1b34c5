import {
  type SourceTree,
  type TreeEntry,
  directoryOf,
} from "@wheelhouse/fleet-model";
import {
  type IgnorePattern,
  defaultIgnoreText,
  isIgnored,
  parseIgnoreText,
} from "./ignore-rules.ts";

const views = new WeakMap<SourceTree, SourceTree>();

/**
 * A revision as Flux would see it in its source artifact: without what
 * `.sourceignore` files and Flux's own defaults leave out. The same view is
 * given again for the same tree.
 */
export function artifactTree(tree: SourceTree): SourceTree {
  const known = views.get(tree);
  if (known !== undefined) return known;
  const view = createView(tree);
  views.set(tree, view);
  return view;
}

function createView(tree: SourceTree): SourceTree {
  const patterns = new Map<string, readonly IgnorePattern[]>();
  const hidden = new Map<string, boolean>();

  const patternsFor = (directory: string): readonly IgnorePattern[] => {
    const known = patterns.get(directory);
    if (known !== undefined) return known;
    const inherited =
      directory === ""
        ? parseIgnoreText(defaultIgnoreText, "")
        : patternsFor(directoryOf(directory));
    const own = tree.entry(
      directory === "" ? ".sourceignore" : `${directory}/.sourceignore`,
    );
    const all =
      own?.kind === "file"
        ? [
            ...inherited,
            ...parseIgnoreText(
              Buffer.from(own.bytes).toString("utf8"),
              directory,
            ),
          ]
        : inherited;
    patterns.set(directory, all);
    return all;
  };

  /** As in git, nothing inside a directory that is left out comes back. */
  const isHidden = (entry: TreeEntry): boolean => {
    const { path } = entry;
    if (path === "") return false;
    const known = hidden.get(path);
    if (known !== undefined) return known;
    const parent = directoryOf(path);
    const isInHidden =
      parent !== "" && isHidden({ kind: "directory", path: parent });
    const result =
      isInHidden ||
      isIgnored(patternsFor(parent), path, entry.kind === "directory");
    hidden.set(path, result);
    return result;
  };

  return {
    commit: tree.commit,
    entry: (path) => {
      const entry = tree.entry(path);
      return entry === undefined || isHidden(entry) ? undefined : entry;
    },
    list: (directory) =>
      tree.list(directory).filter((entry) => !isHidden(entry)),
  };
}
