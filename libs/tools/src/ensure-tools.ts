import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { bringTools, type BringOptions } from "./bring-tools.ts";
import { findTool, isMisnamed, toolVariable } from "./find-tool.ts";
import {
  type ModuleName,
  officialOrigins,
  type PinnedTool,
  pinnedTools,
  type ReleaseOrigins,
  type ToolName,
} from "./pinned-tools.ts";
import { type Environment } from "./search-path.ts";
import { toolsFolder } from "./tool-cache.ts";
import {
  type MissingTool,
  ToolMissingError,
  type TriedWay,
} from "./tool-missing-error.ts";
import { type OnToolProgress } from "./tool-progress.ts";
import { fittingVersions } from "./tool-version.ts";

/** How tools may be found and brought. */
export interface EnsureToolsOptions {
  /** PATH, HOME, WHEELHOUSE_*, KUBEBUILDER_ASSETS, and what Go needs. */
  readonly env: Environment;
  readonly onProgress?: OnToolProgress;
  readonly signal?: AbortSignal;
  /** Other places for the official releases: a mirror of the same layout. */
  readonly origins?: Partial<ReleaseOrigins>;
}

type Tried = Map<PinnedTool, readonly TriedWay[]>;

const groupByModule = (
  tools: Iterable<PinnedTool>,
): Map<ModuleName, PinnedTool[]> => {
  const groups = new Map<ModuleName, PinnedTool[]>();
  for (const tool of tools) {
    groups.set(tool.module, [...(groups.get(tool.module) ?? []), tool]);
  }
  return groups;
};

const missing = (
  tool: PinnedTool,
  tried: readonly TriedWay[],
): MissingTool => ({
  name: tool.name,
  version: tool.version,
  fitting: fittingVersions(tool),
  variable: toolVariable(tool.name),
  tried,
});

/** Brings what was not found, module by module so that two builds never share the memory; small ones first. */
const bringAll = async (
  absent: Tried,
  paths: Map<ToolName, string>,
  options: BringOptions,
): Promise<void> => {
  await mkdir(options.folder, { recursive: true });
  const groups = [...groupByModule(absent.keys())].sort(
    ([, one], [, other]) => one.length - other.length,
  );
  for (const [module, tools] of groups) {
    const brought = await bringTools(module, tools, options);
    for (const tool of tools) {
      const result = brought.get(tool.name) ?? [];
      if (typeof result === "string") {
        paths.set(tool.name, result);
        absent.delete(tool);
      } else absent.set(tool, [...(absent.get(tool) ?? []), ...result]);
    }
  }
};

/**
 * Finds or brings the named tools and gives their absolute paths. The order is: explicit path or KUBEBUILDER_ASSETS; a
 * fitting version on PATH; the cache; the official release with its checksum; a build of the pinned Go module.
 *
 * Runs at the same time wait for one another. Throws `ToolMissingError` when a tool can be had by no way (the others
 * stay in the cache), and the signal's reason when cancelled.
 */
export const ensureTools = async <Name extends ToolName>(
  names: readonly Name[],
  options: EnsureToolsOptions,
): Promise<Record<Name, string>> => {
  const folder = toolsFolder(options.env);
  const wanted = [...new Set(names)].map((name) => pinnedTools[name]);
  const found = await Promise.all(
    wanted.map((tool) => findTool(tool, { ...options, folder })),
  );
  options.signal?.throwIfAborted();
  const paths = new Map<ToolName, string>();
  const absent: Tried = new Map();
  wanted.forEach((tool, index) => {
    const result = found[index];
    if (result?.path !== undefined) paths.set(tool.name, result.path);
    else absent.set(tool, result?.tried ?? []);
  });
  const misnamed = [...absent].filter(([tool]) =>
    isMisnamed(tool, options.env),
  );
  if (misnamed.length > 0) {
    throw new ToolMissingError(
      misnamed.map(([tool, tried]) => missing(tool, tried)),
    );
  }
  if (absent.size > 0) {
    await bringAll(absent, paths, {
      ...options,
      folder,
      logFolder: join(folder, "logs"),
      origins: { ...officialOrigins, ...options.origins },
    });
  }
  options.signal?.throwIfAborted();
  if (absent.size > 0) {
    throw new ToolMissingError(
      [...absent].map(([tool, tried]) => missing(tool, tried)),
    );
  }
  return Object.fromEntries(paths) as Record<Name, string>;
};
