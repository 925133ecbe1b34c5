import { access, constants, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

/** The environment as it was given to the program; nothing here reads `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a path is a file that this process may run. */
export const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false; // absent and unreadable are the same answer here
  }
};

/** Every program of this name on PATH in order; relative entries are skipped, so that no checkout can plant a tool. */
export const listOnPath = async (
  name: string,
  env: Environment,
): Promise<string[]> => {
  const folders = (env["PATH"] ?? "").split(":").filter(isAbsolute);
  const candidates = [...new Set(folders)].map((folder) => join(folder, name));
  const runnable = await Promise.all(candidates.map(isExecutable));
  return candidates.filter((_, index) => runnable[index]);
};
