import { randomBytes } from "node:crypto";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type PinnedTool } from "./pinned-tools.ts";
import { type Environment, isExecutable } from "./search-path.ts";

/** The folder of all tools: `$WHEELHOUSE_CACHE/tools`, by default `~/.cache/wheelhouse/tools`. */
export const toolsFolder = (env: Environment): string =>
  join(
    env["WHEELHOUSE_CACHE"] ||
      join(env["HOME"] || homedir(), ".cache/wheelhouse"),
    "tools",
  );

/** Where a tool lies once it is installed: `<folder>/<name>-<version>/<name>`. */
export const cachedToolPath = (
  folder: string,
  tool: Pick<PinnedTool, "name" | "version">,
): string => join(folder, `${tool.name}-${tool.version}`, tool.name);

/** Runs `work` with a fresh folder beside the installed tools, and removes the folder whatever happens. */
export const withScratchFolder = async <T>(
  folder: string,
  work: (scratch: string) => Promise<T>,
): Promise<T> => {
  const scratch = join(
    folder,
    `.scratch-${process.pid}-${randomBytes(6).toString("hex")}`,
  );
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/**
 * Moves a program from a scratch folder to its place in one rename, so that nobody ever sees half of it; where another
 * run was first, its program stays. Returns the installed path.
 */
export const installTool = async (
  options: { folder: string; scratch: string; program: string },
  tool: PinnedTool,
): Promise<string> => {
  const path = cachedToolPath(options.folder, tool);
  const staged = join(options.scratch, `install-${tool.name}`);
  await mkdir(staged);
  await rename(options.program, join(staged, tool.name));
  await chmod(join(staged, tool.name), 0o755);
  await chmod(staged, 0o755);
  try {
    await rename(staged, join(path, ".."));
  } catch (error) {
    if (!(await isExecutable(path))) throw error;
  }
  return path;
};
