import { type ProblemReason } from "./problem-reasons.ts";
import { type SourceTree, type TreeEntry } from "./source-tree.ts";

/** A path inside the repository in its one form, or why it is none. */
export type RepoPathResult =
  | { readonly ok: true; readonly path: string }
  | {
      readonly ok: false;
      readonly reason: Extract<
        ProblemReason,
        "InvalidPath" | "PathOutsideRepository"
      >;
      readonly message: string;
    };

/** Of one path, in UTF-8 bytes. */
const maxPathBytes = 1_024;

/**
 * Normalizes a path of the repository: `./` and a leading `/` are dropped, as
 * in Flux; the root is the empty text. A path that leaves the repository, with
 * a NUL, a backslash, or of more than 1,024 bytes is refused.
 */
export function parseRepoPath(text: string): RepoPathResult {
  return joinRepoPath("", text.replace(/^\/+/, ""));
}

/**
 * As `parseRepoPath`, but `..` stops at the root instead of leaving it: how Flux
 * takes a Kustomization's path.
 */
export function clampRepoPath(text: string): RepoPathResult {
  const steps: string[] = [];
  for (const step of text.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return joinRepoPath("", steps.join("/"));
}

/** Joins a relative path to a directory of the repository. An absolute one is refused. */
export function joinRepoPath(directory: string, text: string): RepoPathResult {
  if (text.includes("\0") || text.includes("\\")) {
    return invalid("holds a NUL or a backslash");
  }
  if (Buffer.byteLength(text) > maxPathBytes) {
    return invalid(`is longer than ${maxPathBytes} bytes`);
  }
  if (text.startsWith("/")) {
    return outside(`${text} is absolute`);
  }
  const steps = directory === "" ? [] : directory.split("/");
  for (const step of text.split("/")) {
    if (step === "" || step === ".") continue;
    if (step !== "..") steps.push(step);
    else if (steps.pop() === undefined) {
      return outside(`${text} lies outside the repository`);
    }
  }
  return { ok: true, path: steps.join("/") };
}

function invalid(message: string): RepoPathResult {
  return { ok: false, reason: "InvalidPath", message };
}

function outside(message: string): RepoPathResult {
  return { ok: false, reason: "PathOutsideRepository", message };
}

/** The directory that holds a path; the root's is the root. */
export function directoryOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

/** An entry with every symlink on the way followed, and its path without them, or why not. */
export type ResolvedEntry =
  | {
      readonly ok: true;
      readonly path: string;
      readonly entry: TreeEntry | undefined;
    }
  | { readonly ok: false; readonly message: string };

/** Of one path: a chain that is longer is taken for a loop. */
const maxSymlinks = 40;

/**
 * Finds an entry, following symlinks as data: their targets are paths of the
 * same repository or the path is refused, by name and never by content.
 */
export function resolveEntry(tree: SourceTree, path: string): ResolvedEntry {
  let todo = path === "" ? [] : path.split("/");
  let done = "";
  let followed = 0;
  while (todo.length > 0) {
    const [step = "", ...rest] = todo;
    todo = rest;
    const next = done === "" ? step : `${done}/${step}`;
    const entry = tree.entry(next);
    if (entry?.kind !== "symlink") {
      if (entry === undefined) return { ok: true, path: next, entry };
      done = next;
      continue;
    }
    followed += 1;
    if (followed > maxSymlinks) {
      return { ok: false, message: `symlink ${next} leads in a circle` };
    }
    const target = joinRepoPath(done, entry.target);
    if (!target.ok) {
      return {
        ok: false,
        message: `symlink ${next} points out of the repository`,
      };
    }
    todo = [...(target.path === "" ? [] : target.path.split("/")), ...todo];
    done = "";
  }
  return { ok: true, path: done, entry: tree.entry(done) };
}
