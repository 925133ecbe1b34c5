import { chmod, mkdir, open, rename } from "node:fs/promises";
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
  await rename(next, file);
}

async function writeDurably(
  file: string,
  content: string | Uint8Array,
): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
