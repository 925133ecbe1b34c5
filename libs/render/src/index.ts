export {
  type ClustersInput,
  type KnownRenders,
  type RenderAll,
  compileClusters,
  renderThrough,
  resolveClusters,
} from "./compile-with-renders.ts";
export { type ProgramOptions } from "./closed-program.ts";
export { HelmProcess } from "./helm-process.ts";
export { KustomizeProcess } from "./kustomize-process.ts";
export {
  type ProgramRendererOptions,
  ProgramRenderer,
} from "./program-renderer.ts";
export {
  type CachedRenderOptions,
  type RenderCache,
  CachedRender,
} from "./render-cache.ts";
export { type RenderLimits, defaultRenderLimits } from "./render-limits.ts";
