export { type ChromiumSearch, findChromium } from "./chromium.ts";
export { ensureTools, type EnsureToolsOptions } from "./ensure-tools.ts";
export { toolVariable } from "./find-tool.ts";
export {
  pinnedTools,
  type PinnedTool,
  type ReleaseOrigins,
  type ToolName,
} from "./pinned-tools.ts";
export { createProgressLine, type ProgressStream } from "./progress-line.ts";
export { toolsFolder } from "./tool-cache.ts";
export {
  type MissingTool,
  ToolMissingError,
  type TriedWay,
} from "./tool-missing-error.ts";
export { type OnToolProgress, type ToolProgress } from "./tool-progress.ts";
