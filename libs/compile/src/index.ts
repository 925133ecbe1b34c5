export {
  type CompileInput,
  type CompileStep,
  compileCluster,
  emptyLock,
} from "./compile-cluster.ts";
export { compatibilityDocument } from "./compatibility-document.ts";
export { type CompiledCluster } from "./compiled-cluster.ts";
export {
  type FleetProblem,
  mergeProblems,
  targetBundles,
} from "./compiled-fleet.ts";
export { formatProblem } from "./explored-bundle.ts";
export {
  clusterSelectorAnnotation,
  pathCandidatesAnnotation,
} from "./found-bundles.ts";
export { type FollowedRepo, fleetSource } from "./fleet-source.ts";
export { keepLastGood, newProblems } from "./last-good.ts";
export {
  type HelmReleaseInput,
  type HelmRequest,
  type KustomizeRequest,
  type RenderPort,
  type RenderRequest,
  type RenderResult,
  type RenderResults,
} from "./render-request.ts";
export {
  type ResolveStep,
  type ResolvedBundle,
  type ResolvedCluster,
  resolveCluster,
} from "./resolve-cluster.ts";
export { type SourceResolver } from "./source-trees.ts";
