export {
  type ClustersInput,
  type KnownRenders,
  type RenderAll,
  compileClusters,
  renderThrough,
  resolveClusters,
} from "./compile-with-renders.ts";
export {
  type KustomizeOptions,
  KustomizeProcess,
} from "./kustomize-process.ts";
export {
  type CachedRenderOptions,
  type RenderCache,
  CachedRender,
} from "./render-cache.ts";
export { type RenderLimits, defaultRenderLimits } from "./render-limits.ts";
