import { lstat, readFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { digestOf, digestOfJson } from "@wheelhouse/assignment";
import {
  type SourceTree,
  type TreeEntry,
  createSourceTree,
} from "@wheelhouse/fleet-model";
import { compareBytewise } from "@wheelhouse/kube-object";

/** What is never part of a fleet repo, and may be large. */
const skipped = new Set([".git", "node_modules"]);

/** Bounds of a directory that is read whole into memory. */
const maxEntries = 50_000;
const maxFileBytes = 16 * 1024 * 1024;

/** A directory of the disk as a revision: its files as they are, links as data. The commit is a digest over all of it. */
export async function readDirectoryTree(root: string): Promise<SourceTree> {
  const entries: TreeEntry[] = [];
  await collect(root, "", entries);
  entries.sort((a, b) => compareBytewise(a.path, b.path));
  const commit = digestOfJson(
    entries.map((entry) => [entry.path, entry.kind, contentOf(entry)]),
  );
  return createSourceTree(commit.slice("sha256:".length), entries);
}

async function collect(
  root: string,
  directory: string,
  entries: TreeEntry[],
): Promise<void> {
  for (const name of await readdir(join(root, directory))) {
    if (skipped.has(name)) continue;
    const path = directory === "" ? name : `${directory}/${name}`;
    if (entries.length >= maxEntries) {
      throw new Error(`${root}: more than ${maxEntries} files`);
    }
    const entry = await readEntry(root, path);
    if (entry !== undefined) entries.push(entry);
    if (entry?.kind === "directory") await collect(root, path, entries);
  }
}

async function readEntry(
  root: string,
  path: string,
): Promise<TreeEntry | undefined> {
  const absolute = join(root, path);
  const stat = await lstat(absolute);
  if (stat.isSymbolicLink()) {
    return { kind: "symlink", path, target: await readlink(absolute) };
  }
  if (stat.isDirectory()) return { kind: "directory", path };
  if (!stat.isFile()) return undefined;
  if (stat.size > maxFileBytes) {
    const why = `is larger than ${maxFileBytes} bytes`;
    return { kind: "unreadable", path, why };
  }
  const bytes = await readFile(absolute);
  return { kind: "file", path, oid: digestOf(bytes), bytes };
}

function contentOf(entry: TreeEntry): string {
  switch (entry.kind) {
    case "file":
      return entry.oid;
    case "symlink":
      return entry.target;
    case "directory":
      return "";
    case "unreadable":
      return entry.why;
  }
}
