import { join } from "node:path";
import { type PinnedTool } from "./pinned-tools.ts";
import { type Environment, isExecutable, listOnPath } from "./search-path.ts";
import { cachedToolPath } from "./tool-cache.ts";
import { type TriedWay } from "./tool-missing-error.ts";
import { checkToolVersion } from "./tool-version.ts";

/** Where a tool is, or every way that was tried. */
export type Found =
  | { readonly path: string }
  | { readonly path: undefined; readonly tried: readonly TriedWay[] };

/** The variable that names a tool's path, for example WHEELHOUSE_KUBE_APISERVER. */
export const toolVariable = (name: string): string =>
  `WHEELHOUSE_${name.toUpperCase().replaceAll("-", "_")}`;

const findExplicit = async (
  tool: PinnedTool,
  env: Environment,
): Promise<string | TriedWay> => {
  const variable = toolVariable(tool.name);
  const explicit = env[variable] ?? "";
  if (explicit !== "") {
    if (await isExecutable(explicit)) return explicit;
    const problem = `${variable}=${explicit} is not a program`;
    return { way: "explicit path", problem };
  }
  const assets = env["KUBEBUILDER_ASSETS"] ?? "";
  const problem = `${variable} is not set`;
  if (assets === "") {
    return {
      way: "explicit path",
      problem: `${problem}, nor is KUBEBUILDER_ASSETS`,
    };
  }
  const asset = join(assets, tool.name);
  if (await isExecutable(asset)) return asset;
  return {
    way: "explicit path",
    problem: `${problem}, and KUBEBUILDER_ASSETS=${assets} does not hold it`,
  };
};

const findOnPath = async (
  tool: PinnedTool,
  options: { env: Environment; signal?: AbortSignal | undefined },
): Promise<string | TriedWay> => {
  const problems: string[] = [];
  for (const candidate of await listOnPath(tool.name, options.env)) {
    const problem = await checkToolVersion(tool, candidate, options);
    if (problem === undefined) return candidate;
    problems.push(problem);
  }
  return {
    way: "PATH",
    problem: problems.join("; ") || `no ${tool.name} on PATH`,
  };
};

/** Looks for an installed tool in the cache. */
export const findInCache = async (
  tool: PinnedTool,
  folder: string,
): Promise<string | TriedWay> => {
  const path = cachedToolPath(folder, tool);
  if (await isExecutable(path)) return path;
  return { way: "cache", problem: `${path} is not there` };
};

/** Whether the user named a path for this tool that does not work, which nothing may paper over. */
export const isMisnamed = (tool: PinnedTool, env: Environment): boolean =>
  (env[toolVariable(tool.name)] ?? "") !== "";

/**
 * Finds a tool that is already here: the explicit path (`WHEELHOUSE_<TOOL>`, taken at its word, and an error when it is
 * no program), the folder KUBEBUILDER_ASSETS, the first fitting version on PATH, the cache.
 */
export const findTool = async (
  tool: PinnedTool,
  options: {
    env: Environment;
    folder: string;
    signal?: AbortSignal | undefined;
  },
): Promise<Found> => {
  const tried: TriedWay[] = [];
  const ways = [
    () => findExplicit(tool, options.env),
    () => findOnPath(tool, options),
    () => findInCache(tool, options.folder),
  ];
  for (const way of ways) {
    const found = await way();
    if (typeof found === "string") return { path: found };
    tried.push(found);
    if (isMisnamed(tool, options.env)) break;
  }
  return { path: undefined, tried };
};
