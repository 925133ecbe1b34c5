import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** Files that this very process holds. */
const held = new Set<string>();

/**
 * Takes `<file>.lock` for this process; returns what gives it back. Throws
 * where another live process has it. SQLite's own exclusive mode cannot serve:
 * the driver keeps the file locked for a while after `close`.
 */
export function lockDataFile(file: string): () => void {
  const lock = `${file}.lock`;
  const holder = readHolder(lock);
  if (held.has(lock) || (holder !== undefined && isAlive(holder))) {
    throw new Error(
      `${file}: another hub (process ${holder?.pid ?? process.pid}) runs on this data directory; stop it first`,
    );
  }
  rmSync(lock, { force: true });
  const own = `${process.pid} ${startOf(process.pid)}\n`;
  writeFileSync(lock, own, { flag: "wx", mode: 0o600 });
  held.add(lock);
  return () => {
    held.delete(lock);
    rmSync(lock, { force: true });
  };
}

interface Holder {
  readonly pid: number;
  readonly start: string;
}

function readHolder(lock: string): Holder | undefined {
  const [pid = "", start = ""] = readOr(lock, "").trim().split(" ");
  return /^\d+$/.test(pid) ? { pid: Number(pid), start } : undefined;
}

/** A process id is used again: where the system tells when a process began, that must fit too. */
function isAlive({ pid, start }: Holder): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return start === startOf(pid);
}

function startOf(pid: number): string {
  const text = readOr(`/proc/${pid}/stat`, "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}
