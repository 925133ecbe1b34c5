import { randomBytes } from "node:crypto";
import { readFile, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** Bounds of a lock; the defaults suit a build of ten minutes. */
export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another run holds the lock. */
  readonly onWait?: (holder: string) => void;
  /** How long to wait for another run, default 30 min; then `withLock` throws. */
  readonly maxWaitMs?: number;
  /** A lock untouched for this long is stale, default 60 s; its holder touches it every quarter of that. */
  readonly staleMs?: number;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

const pollMs = 250;

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

const readHolder = async (path: string): Promise<Holder | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return value as Holder;
  } catch {
    return undefined; // gone, or not yet written: its age decides
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
};

/** A lock is stale when its holder on this host is gone, or when nobody has touched it for `staleMs`. */
const isStale = async (
  path: string,
  holder: Holder | undefined,
  staleMs: number,
): Promise<boolean> => {
  if (holder?.host === hostname() && !isAlive(holder.pid)) return true;
  try {
    return Date.now() - (await stat(path)).mtimeMs > staleMs;
  } catch {
    return false; // it has just gone: the next attempt takes it
  }
};

const tryTake = async (path: string, holder: Holder): Promise<boolean> => {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
};

const release = async (path: string, token: string): Promise<void> => {
  if ((await readHolder(path))?.token !== token) return;
  await unlink(path).catch((error: unknown) => {
    if (!isErrno(error, "ENOENT")) throw error;
  });
};

const take = async (
  path: string,
  holder: Holder,
  options: LockOptions,
): Promise<void> => {
  const deadline = Date.now() + (options.maxWaitMs ?? 30 * 60_000);
  const staleMs = options.staleMs ?? 60_000;
  let told = false;
  while (!(await tryTake(path, holder))) {
    const other = await readHolder(path);
    if (await isStale(path, other, staleMs)) {
      if (other !== undefined) await release(path, other.token);
      else await unlink(path).catch(() => undefined); // another run may be quicker
      continue;
    }
    const name =
      other === undefined
        ? "another run"
        : `process ${other.pid} on ${other.host}`;
    if (!told) options.onWait?.(name);
    told = true;
    if (Date.now() > deadline) {
      throw new Error(`${path}: still held by ${name}`);
    }
    await delay(pollMs, undefined, { signal: options.signal }).catch(
      () => undefined, // cut short: the next line throws the caller's own reason
    );
    options.signal?.throwIfAborted();
  }
};

/**
 * Runs `work` while holding a lock file, after waiting for other runs that hold it. It saves work and does not guard
 * it: should two runs break one stale lock at the same moment, both build, and the install by rename lets one win.
 */
export const withLock = async <T>(
  path: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> => {
  const token = randomBytes(8).toString("hex");
  const holder = { pid: process.pid, host: hostname(), token };
  await take(path, holder, options);
  const beat = setInterval(
    () => {
      const now = new Date();
      utimes(path, now, now).catch(() => clearInterval(beat)); // taken from us: harmless, see above
    },
    (options.staleMs ?? 60_000) / 4,
  );
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await release(path, token);
  }
};
