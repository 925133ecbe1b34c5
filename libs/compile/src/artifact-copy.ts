import {
  type CopyStep,
  type SourceTree,
  type TreeEntry,
  createSourceTree,
  directoryOf,
  parseRepoPath,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  matchesName,
  matchesWithStars,
  parseNamePattern,
} from "./glob-step.ts";

/** An artifact's files, or why they cannot be put together. */
export type CopyResult =
  | { readonly ok: true; readonly tree: SourceTree }
  | { readonly ok: false; readonly message: string };

/** Files that copying may come to: a source copied onto itself again and again must end. */
const maxCopied = 50_000;

type Files = Map<string, TreeEntry>;

/** Puts an artifact together from sources by alias, as an ArtifactGenerator's `copy` says. */
export function copyArtifact(
  steps: readonly CopyStep[],
  sources: ReadonlyMap<string, SourceTree>,
): CopyResult {
  const files: Files = new Map();
  const commits = new Set<string>();
  for (const step of steps) {
    const [, alias = "", path = ""] = /^@([^/]+)\/(.*)$/.exec(step.from) ?? [];
    const tree = sources.get(alias);
    const problem =
      tree === undefined
        ? `copy from ${step.from}: no source has this alias`
        : applyStep(files, step, tree, path);
    if (problem !== undefined) return { ok: false, message: problem };
    if (files.size > maxCopied) {
      return { ok: false, message: `copies more than ${maxCopied} files` };
    }
    if (tree !== undefined) commits.add(tree.commit);
  }
  return {
    ok: true,
    tree: createSourceTree([...commits].sort().join("+"), files.values()),
  };
}

/** Applies one step; gives back what is wrong with it. */
function applyStep(
  files: Files,
  step: CopyStep,
  tree: SourceTree,
  from: string,
): string | undefined {
  const said = `copy from ${step.from}`;
  if (step.strategy !== "Overwrite") {
    return `${said}: strategy ${step.strategy} is not built yet`;
  }
  const to = parseRepoPath(step.to.replace(/^@artifact\//, ""));
  if (!step.to.startsWith("@artifact/") || !to.ok) {
    return `${said}: ${step.to} is no path of the artifact`;
  }
  const isPattern = /[*?[\]]/.test(from);
  const found = isPattern ? glob(tree, from) : single(tree, from);
  if (found.length === 0) {
    return step.isOptional ? undefined : `${said}: there is no such file`;
  }
  const stripped = from.endsWith("/**") ? from.slice(0, -2) : "";
  for (const entry of found) {
    const target = isPattern
      ? entry.path.slice(entry.path.startsWith(stripped) ? stripped.length : 0)
      : nameOf(files, step, entry, to.path);
    copyEntry(files, tree, entry, {
      target: joined(to.path, target),
      isLeftOut: (path) => isExcluded(step.exclude, path, patternRoot(from)),
    });
  }
  return undefined;
}

/** Like `cp -r`: a directory goes into the target, a file takes the target's name unless that is a directory. */
function nameOf(
  files: Files,
  step: CopyStep,
  entry: TreeEntry,
  target: string,
): string {
  const isInto =
    entry.kind === "directory" ||
    /\/$/.test(step.to) ||
    [...files.keys()].some((path) => path.startsWith(`${target}/`));
  return isInto ? entry.path.slice(entry.path.lastIndexOf("/") + 1) : "";
}

function joined(directory: string, name: string): string {
  if (directory === "" || name === "") return directory + name;
  return `${directory}/${name}`;
}

function single(tree: SourceTree, from: string): readonly TreeEntry[] {
  const path = parseRepoPath(from);
  const found = path.ok ? resolveEntry(tree, path.path) : undefined;
  return found?.ok === true && found.entry !== undefined ? [found.entry] : [];
}

/** Entries that a pattern matches, name by name: here `**` is one name, as in Go's simple matcher. */
function glob(tree: SourceTree, pattern: string): readonly TreeEntry[] {
  let found: readonly TreeEntry[] = [{ kind: "directory", path: "" }];
  for (const step of pattern.split("/")) {
    const name = parseNamePattern(step);
    found = found.flatMap((entry) =>
      tree
        .list(entry.path)
        .filter(({ path }) => matchesName(name, lastName(path))),
    );
  }
  return found;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function copyEntry(
  files: Files,
  tree: SourceTree,
  entry: TreeEntry,
  to: {
    readonly target: string;
    readonly isLeftOut: (path: string) => boolean;
  },
): void {
  if (to.isLeftOut(entry.path)) return;
  if (entry.kind !== "directory") {
    files.set(to.target, { ...entry, path: to.target });
    return;
  }
  for (const inner of tree.list(entry.path)) {
    const target = joined(to.target, lastName(inner.path));
    copyEntry(files, tree, inner, { ...to, target });
  }
}

/** The directory before the first name with a sign of a pattern. */
function patternRoot(pattern: string): string {
  const steps = pattern.split("/");
  const first = steps.findIndex((step) => /[*?[\]]/.test(step));
  return first < 0 ? directoryOf(pattern) : steps.slice(0, first).join("/");
}

function isExcluded(
  patterns: readonly string[],
  path: string,
  root: string,
): boolean {
  const inner = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : "";
  return patterns.some(
    (pattern) =>
      matchesPath(pattern, path) ||
      (inner !== "" && matchesPath(pattern, inner)) ||
      (!pattern.includes("/") && matchesPath(pattern, lastName(path))),
  );
}

/** Whether a pattern with `**` for any number of names matches a whole path. */
function matchesPath(pattern: string, path: string): boolean {
  const steps = pattern
    .split("/")
    .map((step) => (step === "**" ? "**" : parseNamePattern(step)));
  return matchesWithStars(steps, path.split("/"), {
    isStar: (step) => step === "**",
    fits: (step, name) => step !== "**" && matchesName(step, name),
  });
}
