import { type Stats } from "node:fs";
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
  for (const name of await namesIn(root, directory, entries)) {
    if (skipped.has(name)) continue;
    const path = directory === "" ? name : `${directory}/${name}`;
    if (entries.length >= maxEntries) {
      throw new Error(`${root}: more than ${maxEntries} files`);
    }
    const entry = await readEntry(root, path);
    entries.push(entry);
    if (entry.kind === "directory") await collect(root, path, entries);
  }
}

/** A directory that may not be read stands in its own place as what it is; the root has none. */
async function namesIn(
  root: string,
  directory: string,
  entries: TreeEntry[],
): Promise<readonly string[]> {
  try {
    return await readdir(join(root, directory));
  } catch (error) {
    if (directory === "") throw error;
    const why = whyNotRead(error);
    entries.pop();
    entries.push({ kind: "unreadable", path: directory, why });
    return [];
  }
}

async function readEntry(root: string, path: string): Promise<TreeEntry> {
  const absolute = join(root, path);
  const stat = await lstat(absolute);
  if (stat.isSymbolicLink()) {
    return { kind: "symlink", path, target: await readlink(absolute) };
  }
  if (stat.isDirectory()) return { kind: "directory", path };
  // To open one would wait for whoever is at its other end.
  if (!stat.isFile()) return { kind: "unreadable", path, why: kindOf(stat) };
  if (stat.size > maxFileBytes) {
    const why = `is larger than ${maxFileBytes} bytes`;
    return { kind: "unreadable", path, why };
  }
  try {
    const bytes = await readFile(absolute);
    return { kind: "file", path, oid: digestOf(bytes), bytes };
  } catch (error) {
    return { kind: "unreadable", path, why: whyNotRead(error) };
  }
}

function kindOf(stat: Stats): string {
  if (stat.isFIFO()) return "is a named pipe, and no file";
  return stat.isSocket()
    ? "is a socket, and no file"
    : "is a device, and no file";
}

function whyNotRead(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code !== "EACCES" && code !== "EPERM") throw error;
  return `may not be read by this user (${String(code)})`;
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
