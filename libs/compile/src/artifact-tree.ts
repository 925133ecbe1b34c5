import { type SourceTree, type TreeEntry } from "@wheelhouse/fleet-model";
import {
  type IgnorePattern,
  allPatterns,
  isIgnored,
  parseIgnoreText,
} from "./ignore-rules.ts";

const views = new WeakMap<SourceTree, Map<string, SourceTree>>();

/**
 * A revision as Flux would see it in its source artifact: without what
 * `.sourceignore` files, the source's own `ignore` and Flux's defaults leave
 * out. The same view is given again for the same tree and `ignore`.
 */
export function artifactTree(tree: SourceTree, ignore = ""): SourceTree {
  const known = views.get(tree) ?? new Map<string, SourceTree>();
  views.set(tree, known);
  const view = known.get(ignore) ?? createView(tree, ignore);
  known.set(ignore, view);
  return view;
}

function createView(tree: SourceTree, ignore: string): SourceTree {
  const patterns = allPatterns([
    ...ignoreFiles(tree, ""),
    ...parseIgnoreText(ignore, ""),
  ]);
  const hidden = new Map<string, boolean>();
  /** A directory that is left out comes back with what a later pattern brings back inside it, as in Flux's archives. */
  const isHidden = ({ path, kind }: TreeEntry): boolean => {
    const known = hidden.get(path);
    if (known !== undefined) return known;
    const isDirectory = kind === "directory";
    const result =
      path !== "" &&
      isIgnored(patterns, path, isDirectory) &&
      !(isDirectory && tree.list(path).some((entry) => !isHidden(entry)));
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

/** The patterns of a directory's ignore file, then of all below it: the deeper ones are asked first. */
function ignoreFiles(
  tree: SourceTree,
  directory: string,
): readonly IgnorePattern[] {
  const path = directory === "" ? "" : `${directory}/`;
  const own = tree.entry(`${path}.sourceignore`);
  const patterns =
    own?.kind === "file"
      ? parseIgnoreText(Buffer.from(own.bytes).toString("utf8"), directory)
      : [];
  const below = tree
    .list(directory)
    .filter(({ kind, path }) => kind === "directory" && path !== ".git")
    .flatMap((entry) => ignoreFiles(tree, entry.path));
  return [...patterns, ...below];
}
