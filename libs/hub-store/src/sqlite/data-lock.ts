import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import Database from "libsql";
import { closeDataFile } from "./data-file.ts";

/** Locks of this process: none may be collected, and so dropped, while it is held. */
const held = new Set<Database.Database>();

/**
 * Takes a data file for this process until the function that is returned is
 * called, or the process dies; throws where another has it. The lock is the
 * kernel's, on `<file>-lock`: it goes with its process however that ends,
 * and does not depend on process ids, which two containers on one volume
 * share. `<file>-holder` says who has it, for people only. The data file
 * itself cannot be the lock: the driver keeps it open for a while after
 * `close`.
 */
export function lockDataFile(file: string): () => void {
  closeDataFile(`${file}-lock`);
  const lock = new Database(`${file}-lock`, { timeout: 0 });
  try {
    // Nothing is ever written to it, so there is nothing to journal.
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new Error(
      `${file}: another hub${describeHolder(file)} runs on this data directory; stop it first`,
      { cause: error },
    );
  }
  held.add(lock);
  const release = () => {
    if (!held.delete(lock)) return;
    rmSync(holderOf(file), { force: true });
    lock.exec("ROLLBACK");
    lock.close();
  };
  try {
    writeFileSync(holderOf(file), `${process.pid} ${hostname()}\n`, {
      mode: 0o600,
    });
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

/** As ` (process 7 on hub-0, since …)`; empty where it has not said so yet. */
function describeHolder(file: string): string {
  try {
    const text = readFileSync(holderOf(file), "utf8");
    const [, pid, host] = /^(\d+) (\S+)\n$/.exec(text) ?? [];
    if (pid === undefined || host === undefined) return "";
    const since = statSync(holderOf(file)).mtime.toISOString();
    return ` (process ${pid} on ${host}, since ${since})`;
  } catch {
    // Who it is is a courtesy; that there is one is known from the lock.
    return "";
  }
}

function holderOf(file: string): string {
  return `${file}-holder`;
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && error.code === "SQLITE_BUSY"
  );
}
