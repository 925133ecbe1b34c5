import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type RenderRequest } from "@wheelhouse/compile";
import { scratchPrefix } from "@wheelhouse/scratch-folder";

/** A fresh directory that holds nothing but a request's files. */
export interface ClosedDirectory {
  /** Absolute, without symlinks. The files lie in its `source`. */
  readonly path: string;
  /** Removes it with everything in it. */
  remove(): Promise<void>;
}

/**
 * Lays a request's files out as regular files in a fresh directory that only
 * this user can enter. Throws where a path would leave it: the compiler lets
 * none through, so that is a bug.
 */
export async function createClosedDirectory(
  files: RenderRequest["files"],
  parent = tmpdir(),
): Promise<ClosedDirectory> {
  // kustomize resolves symlinks before it looks where a path lies, and macOS' temporary directory is one.
  const path = await mkdtemp(
    join(await realpath(parent), scratchPrefix("render")),
  );
  const remove = (): Promise<void> =>
    rm(path, { recursive: true, force: true, maxRetries: 3 });
  try {
    const source = join(path, "source");
    await mkdir(source);
    const made = new Set([source]);
    for (const file of files) {
      const target = join(source, checkPath(file.path));
      const folder = dirname(target);
      if (!made.has(folder)) {
        await mkdir(folder, { recursive: true });
        made.add(folder);
      }
      // `wx`: an existing file would be one path twice.
      await writeFile(target, file.bytes, { flag: "wx", mode: 0o600 });
    }
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A path without anything that could lead elsewhere. */
export function checkPath(path: string): string {
  const isClosed =
    !path.startsWith("/") &&
    !path.includes("\0") &&
    path.split("/").every((step) => step !== ".." && step !== "");
  if (!isClosed) throw new Error(`${JSON.stringify(path)} leaves its layout`);
  return path;
}
