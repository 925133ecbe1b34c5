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
export { type SourceTree, type TreeEntry } from "./source-tree.ts";
