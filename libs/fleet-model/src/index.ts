export { createSourceTree } from "./create-source-tree.ts";
export { didYouMean, nearestWord } from "./did-you-mean.ts";
export { parseDurationMs } from "./duration.ts";
export {
  type FieldSteps,
  type ObjectReading,
  formatSteps,
} from "./field-reader.ts";
export { defaultFleetConfig } from "./fleet-config.ts";
export {
  findFleetEmptied,
  hasLeftFleet,
  leftFleetAdvice,
  mergeClusters,
} from "./fleet-membership.ts";
export {
  type Cluster,
  type CountOrPercent,
  type ExposedConfigMap,
  type FleetConfig,
  type FleetObjects,
  type OfflinePolicy,
  type OnFailure,
  type Problem,
  type Rollout,
  type SourceLocation,
  type WaveSpec,
} from "./fleet-objects.ts";
export {
  type CommonMetadata,
  type FluxPatch,
  type KustomizationEdits,
  noEdits,
} from "./flux-edits.ts";
export { type FieldSupport, kustomizationFields } from "./flux-fields.ts";
export { type FluxDecryption } from "./flux-decryption.ts";
export {
  type CrdsPolicy,
  type FluxHelmRelease,
  readFluxHelmRelease,
} from "./flux-helm-release.ts";
export {
  type FluxKustomization,
  readFluxKustomization,
} from "./flux-kustomization.ts";
export { type FluxDependency, type FluxSourceRef } from "./flux-references.ts";
export {
  type FluxPostBuild,
  type SubstituteReference,
} from "./flux-post-build.ts";
export {
  type CopyStep,
  type FluxSource,
  type MadeArtifact,
  readArtifactGenerator,
  readFluxSource,
} from "./flux-source.ts";
export { helmReleaseFields } from "./helm-release-fields.ts";
export { type ReleaseChart } from "./release-chart.ts";
export { type ValuesReference } from "./release-values.ts";
export { fleetApiVersion } from "./found-objects.ts";
export { type FleetResult, parseFleet } from "./parse-fleet.ts";
export {
  type ProblemReason,
  adviseProblem,
  problemReasons,
} from "./problem-reasons.ts";
export {
  type RepoPathResult,
  type ResolvedEntry,
  clampRepoPath,
  directoryOf,
  joinRepoPath,
  parseRepoPath,
  resolveEntry,
} from "./repo-path.ts";
export { defaultRollout } from "./rollout.ts";
export { type SourceTree, type TreeEntry } from "./source-tree.ts";
export {
  type YamlDocument,
  type YamlPath,
  type YamlResult,
  parseYaml,
} from "./yaml-document.ts";
export { type YamlLimits, defaultYamlLimits } from "./yaml-limits.ts";
