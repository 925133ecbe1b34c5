/** What the system's codes mean to a person, and what can be done. */
const advice: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; make room on it, and try again",
  EDQUOT: "this user's disk quota is used up; make room, and try again",
  EROFS:
    "the file system is mounted read-only; give a place that can be written, or mount it for writing",
  EACCES:
    "this user may not write there; give it the right to, or run as the user that has it",
  EPERM:
    "this user may not write there; give it the right to, or run as the user that has it",
  ENOENT: "there is no such directory; make it first, or give another place",
  ENOTDIR: "a part of this path is a file; give another place",
  EISDIR: "is a directory; give a file",
  EEXIST: "a file is in the way; remove it, or give another place",
  EIO: "the disk reports an error; look at it before anything is kept there",
};

/** Says of a file or directory why the system would not have it, and what to do; undefined where the error is none of the file system's. The error's own path wins over `place`. */
export function describeFileError(
  error: unknown,
  place: string,
): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const words = advice[code ?? ""];
  return words === undefined
    ? undefined
    : `${path ?? place}: ${words} (${code})`;
}
