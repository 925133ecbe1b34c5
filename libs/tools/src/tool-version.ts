import { type PinnedTool } from "./pinned-tools.ts";
import { runProgram } from "./program-run.ts";

/** A version as far as fitting depends on it. */
export interface ToolVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Alpha, beta or release candidate. */
  readonly isPrerelease: boolean;
}

const versionTimeoutMs = 10_000;
const versionPattern =
  /\bv?(\d{1,4})\.(\d{1,4})\.(\d{1,5})(-(?:alpha|beta|rc)[\w.-]*)?/;

/** The first `X.Y.Z` in what a program printed; a vendor's suffix (`-gke.1`, `+k3s1`) is no prerelease. */
export const parseToolVersion = (output: string): ToolVersion | undefined => {
  const clientVersion = /"gitVersion":\s*"([^"]*)"/.exec(output)?.[1];
  const match = versionPattern.exec(clientVersion ?? output);
  if (match === null) return undefined;
  const [, major, minor, patch, prerelease] = match;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    isPrerelease: prerelease !== undefined,
  };
};

/** Whether a found version may stand in for the pinned one, by the tool's `fits` rule. */
export const isFittingVersion = (
  tool: Pick<PinnedTool, "version" | "fits">,
  found: ToolVersion,
): boolean => {
  const wanted = parseToolVersion(tool.version);
  if (wanted === undefined || found.isPrerelease) return false;
  if (found.major !== wanted.major) return false;
  return tool.fits === "minor"
    ? found.minor === wanted.minor
    : found.minor >= wanted.minor;
};

/** The fitting versions in words, for messages: `1.36.x`, `5.8 or newer 5.x`. */
export const fittingVersions = (tool: PinnedTool): string => {
  const [major, minor] = tool.version.split(".");
  return tool.fits === "minor"
    ? `${major}.${minor}.x`
    : `${major}.${minor} or a newer ${major}.x`;
};

/** Asks a program for its version (10 s at most) and says why it does not fit, or nothing when it does. */
export const checkToolVersion = async (
  tool: PinnedTool,
  path: string,
  options: {
    env: Readonly<Record<string, string | undefined>>;
    signal?: AbortSignal | undefined;
  },
): Promise<string | undefined> => {
  const run = await runProgram(path, tool.versionArgs, {
    ...options,
    timeoutMs: versionTimeoutMs,
  });
  if (!run.ok) return `${path} does not tell its version: it ${run.problem}`;
  const found = parseToolVersion(run.output);
  if (found === undefined) return `${path} does not tell its version`;
  if (isFittingVersion(tool, found)) return undefined;
  const { major, minor, patch } = found;
  return `${path} is ${major}.${minor}.${patch}, wanted is ${fittingVersions(tool)}`;
};
