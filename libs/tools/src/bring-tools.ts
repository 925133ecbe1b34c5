import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "./cache-lock.ts";
import { findInCache } from "./find-tool.ts";
import { buildTools } from "./go-build.ts";
import { downloadRelease } from "./official-release.ts";
import {
  type ModuleName,
  pinnedModules,
  type PinnedTool,
  type ReleaseOrigins,
  type ToolName,
} from "./pinned-tools.ts";
import { type Environment } from "./search-path.ts";
import { installTool, withScratchFolder } from "./tool-cache.ts";
import { type TriedWay } from "./tool-missing-error.ts";
import { type OnToolProgress, withStep } from "./tool-progress.ts";
import { checkToolVersion } from "./tool-version.ts";

/** Where tools are brought to, and from where. */
export interface BringOptions {
  readonly env: Environment;
  readonly folder: string;
  readonly logFolder: string;
  readonly origins: ReleaseOrigins;
  readonly onProgress?: OnToolProgress;
  readonly signal?: AbortSignal;
}

/** For each tool its installed path, or the ways that failed. */
export type Brought = ReadonlyMap<ToolName, string | readonly TriedWay[]>;

const goNames: Readonly<Record<string, string>> = { x64: "amd64" };
const platform = {
  os: process.platform,
  arch: goNames[process.arch] ?? process.arch,
};

/** Installs a program that says it is the pinned version; a program that does not run here is refused. */
const admit = async (
  tool: PinnedTool,
  program: string,
  options: BringOptions & { scratch: string },
): Promise<string | { problem: string }> => {
  await chmod(program, 0o755);
  const problem = await checkToolVersion(tool, program, options);
  if (problem !== undefined) return { problem };
  return installTool({ ...options, program }, tool);
};

/** A failed attempt; `isUnreachable` when the place itself gave no answer, so that others there need not be tried. */
interface FailedRelease extends TriedWay {
  readonly isUnreachable: boolean;
}

const failedRelease = (
  problem: string,
  isUnreachable = false,
): FailedRelease => ({ way: "release", problem, isUnreachable });

const tryRelease = async (
  tool: PinnedTool,
  options: BringOptions,
): Promise<string | FailedRelease> => {
  const release = tool.release(platform, options.origins);
  if (release === undefined) {
    const { os, arch } = platform;
    return failedRelease(`none that can be checked for ${os}/${arch}`);
  }
  return withStep(
    {
      step: `downloading ${tool.name} ${tool.version}`,
      tools: [tool.name],
      onProgress: options.onProgress,
      isGood: (result) => typeof result === "string",
    },
    (onDetail) =>
      withScratchFolder(options.folder, async (scratch) => {
        const local = { ...options, scratch };
        const download = await downloadRelease(release, { ...local, onDetail });
        if (!download.ok) {
          return failedRelease(download.problem, download.isUnreachable);
        }
        const installed = await admit(tool, download.program, local);
        if (typeof installed === "string") return installed;
        return failedRelease(installed.problem);
      }),
  );
};

/** Tries releases one by one, and no further once their place turns out to be out of reach. */
const tryReleases = async (
  tools: readonly PinnedTool[],
  options: BringOptions,
): Promise<Map<PinnedTool, string | TriedWay>> => {
  const results = new Map<PinnedTool, string | TriedWay>();
  let unreachable: string | undefined;
  for (const tool of tools) {
    const result =
      unreachable === undefined
        ? await tryRelease(tool, options)
        : failedRelease(`not tried: ${unreachable}`);
    options.signal?.throwIfAborted();
    if (typeof result !== "string" && result.isUnreachable) {
      unreachable ??= result.problem;
    }
    results.set(tool, result);
  }
  return results;
};

const stepOf = (tools: readonly PinnedTool[]): string => {
  const [first] = tools;
  return `building ${tools.map(({ name }) => name).join(", ")} ${first?.version ?? ""}`;
};

const tryBuild = (
  module: ModuleName,
  tools: readonly PinnedTool[],
  options: BringOptions,
): Promise<Brought> =>
  withStep(
    {
      step: stepOf(tools),
      tools: tools.map((tool) => tool.name),
      onProgress: options.onProgress,
      isGood: (brought) =>
        [...brought.values()].every((one) => typeof one === "string"),
    },
    (onDetail) =>
      withScratchFolder(options.folder, async (scratch) => {
        const { version } = pinnedModules[module];
        const logPath = join(options.logFolder, `${module}-${version}.log`);
        await mkdir(options.logFolder, { recursive: true });
        const build = await buildTools(tools, pinnedModules[module], {
          ...options,
          scratch,
          logPath,
          onDetail,
        });
        const brought = new Map<ToolName, string | readonly TriedWay[]>();
        for (const tool of tools) {
          const program = build.ok ? build.programs.get(tool.name) : undefined;
          const installed =
            program === undefined
              ? { problem: build.ok ? "it was not built" : build.problem }
              : await admit(tool, program, { ...options, scratch });
          brought.set(
            tool.name,
            typeof installed === "string"
              ? installed
              : [{ way: "Go build", problem: installed.problem }],
          );
        }
        return brought;
      }),
  );

/** Takes from the cache what another run brought meanwhile, then tries releases, then one build for the rest. */
const bringLocked = async (
  module: ModuleName,
  tools: readonly PinnedTool[],
  options: BringOptions,
): Promise<Brought> => {
  const brought = new Map<ToolName, string | readonly TriedWay[]>();
  const absent: PinnedTool[] = [];
  for (const tool of tools) {
    const cached = await findInCache(tool, options.folder);
    if (typeof cached === "string") brought.set(tool.name, cached);
    else absent.push(tool);
  }
  const released = await tryReleases(absent, options);
  const toBuild = absent.filter((tool) => {
    const result = released.get(tool);
    if (typeof result === "string") brought.set(tool.name, result);
    return typeof result !== "string";
  });
  if (toBuild.length === 0) return brought;
  const built = await tryBuild(module, toBuild, options);
  options.signal?.throwIfAborted();
  for (const tool of toBuild) {
    const release = released.get(tool);
    const before = typeof release === "object" ? [release] : [];
    const result = built.get(tool.name) ?? [];
    brought.set(
      tool.name,
      typeof result === "string" ? result : [...before, ...result],
    );
  }
  return brought;
};

/** Brings tools of one module into the cache, after waiting for other runs that bring the same module. */
export const bringTools = async (
  module: ModuleName,
  tools: readonly PinnedTool[],
  options: BringOptions,
): Promise<Brought> => {
  const step = `waiting for another run that brings ${module}`;
  const started = performance.now();
  let waited = false;
  return withLock(
    join(options.folder, `.lock-${module}`),
    {
      signal: options.signal,
      onWait: () => {
        waited = true;
        options.onProgress?.({
          kind: "started",
          step,
          tools: tools.map((tool) => tool.name),
        });
      },
    },
    () => {
      if (waited) {
        options.onProgress?.({
          kind: "finished",
          step,
          elapsedMs: Math.round(performance.now() - started),
          outcome: "done",
        });
      }
      return bringLocked(module, tools, options);
    },
  );
};
