import fs from "node:fs";
import {
  type SourceTree,
  type TreeEntry,
  createSourceTree,
} from "@wheelhouse/fleet-model";
import git from "isomorphic-git";
import { type GitLimits } from "./git-limits.ts";
import { GitBoundError } from "./git-problem.ts";

/** One entry of a Git tree object. */
interface RawEntry {
  readonly mode: string;
  readonly path: string;
  readonly oid: string;
}

/** What was read for one revision, by object id. */
interface ObjectCache {
  readonly trees: Map<string, readonly RawEntry[]>;
  readonly blobs: Map<string, Uint8Array>;
}

/** Reads revisions into memory. Objects that the revision before had are not read again. */
export class SourceTreeReader {
  readonly #gitdir: string;
  readonly #limits: GitLimits;
  #known: ObjectCache = { trees: new Map(), blobs: new Map() };

  constructor(gitdir: string, limits: GitLimits) {
    this.#gitdir = gitdir;
    this.#limits = limits;
  }

  /** The whole tree of a commit. Throws what isomorphic-git throws, and `GitBoundError` at a bound. */
  async read(commit: string, cache: object): Promise<SourceTree> {
    const walk: Walk = {
      cache,
      next: { trees: new Map(), blobs: new Map() },
      entries: [],
      bytes: 0,
    };
    const read = await git.readCommit({
      fs,
      gitdir: this.#gitdir,
      oid: commit,
      cache,
    });
    await this.#readTree(walk, read.commit.tree, "");
    this.#known = walk.next;
    return createSourceTree(commit, walk.entries);
  }

  async #readTree(walk: Walk, oid: string, directory: string): Promise<void> {
    for (const raw of await this.#rawEntries(walk, oid)) {
      const path = directory === "" ? raw.path : `${directory}/${raw.path}`;
      checkName(raw.path, path);
      const isDirectory = raw.mode === "040000";
      walk.entries.push(
        isDirectory
          ? { kind: "directory", path }
          : await this.#readEntry(walk, raw, path),
      );
      if (walk.entries.length > this.#limits.maxEntries) {
        throw new GitBoundError(
          "tooLarge",
          `holds more than ${this.#limits.maxEntries} files and directories`,
        );
      }
      if (isDirectory) await this.#readTree(walk, raw.oid, path);
    }
  }

  async #rawEntries(walk: Walk, oid: string): Promise<readonly RawEntry[]> {
    const entries =
      this.#known.trees.get(oid) ??
      (
        await git.readTree({
          fs,
          gitdir: this.#gitdir,
          oid,
          cache: walk.cache,
        })
      ).tree.map(({ mode, path, oid: child }) => ({ mode, path, oid: child }));
    walk.next.trees.set(oid, entries);
    return entries;
  }

  async #readEntry(
    walk: Walk,
    { mode, oid }: RawEntry,
    path: string,
  ): Promise<TreeEntry> {
    if (mode === "160000") {
      return { kind: "unreadable", path, why: "a submodule is not followed" };
    }
    const bytes = await this.#readBlob(walk, oid);
    if (mode === "120000") {
      return {
        kind: "symlink",
        path,
        target: Buffer.from(bytes).toString("utf8"),
      };
    }
    const { maxBlobBytes, maxTreeBytes } = this.#limits;
    if (bytes.length > maxBlobBytes) {
      const why = `${bytes.length} bytes; at most ${maxBlobBytes} are read`;
      return { kind: "unreadable", path, why };
    }
    if (isLfsPointer(bytes)) {
      const why = "a Git LFS pointer instead of the file itself";
      return { kind: "unreadable", path, why };
    }
    walk.bytes += bytes.length;
    if (walk.bytes > maxTreeBytes) {
      throw new GitBoundError(
        "tooLarge",
        `holds more than ${maxTreeBytes} bytes`,
      );
    }
    return { kind: "file", path, oid, bytes };
  }

  async #readBlob(walk: Walk, oid: string): Promise<Uint8Array> {
    const read =
      walk.next.blobs.get(oid) ??
      this.#known.blobs.get(oid) ??
      (
        await git.readBlob({
          fs,
          gitdir: this.#gitdir,
          oid,
          cache: walk.cache,
        })
      ).blob;
    if (read.length <= this.#limits.maxBlobBytes)
      walk.next.blobs.set(oid, read);
    return read;
  }
}

interface Walk {
  readonly cache: object;
  readonly next: ObjectCache;
  readonly entries: TreeEntry[];
  bytes: number;
}

function isLfsPointer(bytes: Uint8Array): boolean {
  const prefix = "version https://git-lfs.github.com/spec/v1\n";
  return (
    bytes.length < 1024 &&
    Buffer.from(bytes.subarray(0, prefix.length)).toString("latin1") === prefix
  );
}

/** Git itself never writes such names; a hand-made tree might. */
function checkName(name: string, path: string): void {
  const isBad =
    name === "" ||
    name === "." ||
    name === ".." ||
    name.toLowerCase() === ".git" ||
    /[/\0]/.test(name);
  if (isBad) throw new Error(`${JSON.stringify(path)}: not a permitted name`);
}
