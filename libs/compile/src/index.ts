export { type CompiledCluster } from "./compiled-cluster.ts";
export {
  type RenderPort,
  type RenderRequest,
  type RenderResult,
  type RenderResults,
} from "./render-request.ts";
