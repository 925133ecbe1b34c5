import { lstat, opendir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a temporary folder of ours is for. */
export type ScratchPurpose = "demo" | "render";

/** How the name of a folder of this process begins, for `mkdtemp`: it tells whose the folder is once the process was killed. */
export function scratchPrefix(purpose: ScratchPurpose): string {
  return `wheelhouse-${purpose}-${process.pid}-`;
}

/** What `mkdtemp` made of such a prefix, and nothing that a person would name so. */
const ours = /^wheelhouse-(?:demo|render)-(\d{1,10})-[A-Za-z0-9]{6}$/;

/** A larger temporary folder is not looked through to its end. */
const maxEntries = 10_000;

/** So many at most are removed in one go; the next start goes on. */
const maxRemoved = 100;

/**
 * Removes folders whose process is gone, of this user alone, and gives their
 * names. To be called before this process has made any: what bears its number
 * is another's of before. One that cannot be removed stays.
 */
export async function removeStaleFolders(
  parent = tmpdir(),
): Promise<readonly string[]> {
  const removed: string[] = [];
  let seen = 0;
  for await (const { name } of await opendir(parent)) {
    seen += 1;
    if (seen > maxEntries || removed.length >= maxRemoved) break;
    const pid = Number(ours.exec(name)?.[1] ?? NaN);
    if (Number.isNaN(pid) || (pid !== process.pid && isRunning(pid))) continue;
    const path = join(parent, name);
    try {
      if (!(await isOurs(path))) continue;
      await rm(path, { recursive: true });
      removed.push(name);
    } catch {
      // Another start was first, or it is not ours to remove: no reason not to start.
    }
  }
  return removed;
}

/** Also of another user: those may not be asked, and are there. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** A folder itself, no link to one. */
async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path);
  return found.isDirectory() && found.uid === process.getuid?.();
}
