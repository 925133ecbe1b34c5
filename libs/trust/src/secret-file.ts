import { chmod, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { randomBytes } from "node:crypto";

/** Makes a folder that only its owner can enter; one that is there is closed to others. */
export async function ensureSecretDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
}

/** Writes a file that only its owner can read, durably. False where it is there already: nothing is overwritten. */
export async function createSecretFile(
  file: string,
  content: string | Uint8Array,
): Promise<boolean> {
  try {
    await writeDurably(file, content);
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  }
}

/** Puts a file in the place of another by one rename, so that a reader sees the old or the new whole. */
export async function replaceSecretFile(
  file: string,
  content: string | Uint8Array,
): Promise<void> {
  const next = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${randomBytes(6).toString("hex")}`,
  );
  await writeDurably(next, content);
  try {
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

/** Leaves no half of a file behind, such as on a full disk. */
async function writeDurably(
  file: string,
  content: string | Uint8Array,
): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw withPath(error, file);
  } finally {
    await handle.close();
  }
}

/** A write that fails does not say on which file. */
function withPath(error: unknown, file: string): unknown {
  return error instanceof Error && !("path" in error)
    ? Object.assign(error, { path: file })
    : error;
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
