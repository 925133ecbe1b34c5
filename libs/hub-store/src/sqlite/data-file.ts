import { chmodSync, closeSync, openSync } from "node:fs";

/** What lies beside a data file: SQLite gives those that it makes the data file's own mode. */
const besides = ["-wal", "-shm", "-journal", "-holder"];

/**
 * Makes a data file that only its owner reads and writes, and closes one that
 * is there, with all that lies beside it: it holds rendered Secrets and hashes
 * of tokens. What belongs to another user stays as that user has it.
 */
export function closeDataFile(file: string): void {
  makeFile(file);
  for (const name of ["", ...besides]) closeToOthers(`${file}${name}`);
}

/** One that is there is not opened: closing it would drop the locks of this process on it. */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
}

function closeToOthers(file: string): void {
  try {
    chmodSync(file, 0o600);
  } catch (error) {
    // Only an owner may do it; on a volume that a group shares another may be.
    if (!isErrno(error, "ENOENT", "EPERM")) throw error;
  }
}

function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    codes.includes(String(error.code))
  );
}
