export {
  type ApplyContext,
  type ViewedObject,
  impersonationOf,
  requestOf,
} from "./apply-context.ts";
export { type StoredArtifact, maxPackBytes } from "./artifact-packs.ts";
export { ArtifactStore } from "./artifact-store.ts";
export {
  type AcknowledgeOutcome,
  RatchetSecret,
  type StoredAssignment,
  type StoredMark,
} from "./ratchet-secret.ts";
export { backoffAfter } from "./backoff.ts";
export { BundleApplier, type ObjectResult } from "./bundle-applier.ts";
export {
  type BundleRecord,
  type BundleRecords,
  openBundleRecords,
  readBundleRecords,
} from "./bundle-record.ts";
export { formatTime, sleep } from "./clock.ts";
export { type DesiredObject, toDesired } from "./desired-object.ts";
export {
  type Failpoint,
  type FailpointName,
  failpointNames,
  isFailpointName,
  noFailpoint,
} from "./failpoints.ts";
export { refusalOf } from "./object-outcome.ts";
export { policyOf } from "./flux-annotations.ts";
export {
  type Inventory,
  type InventoryEntry,
  openInventory,
  readInventory,
} from "./inventory.ts";
export {
  type FieldConflict,
  KubeError,
  type KubeErrorReason,
} from "./kube-error.ts";
export {
  type ApplyOptions,
  type ApplyPort,
  type DeleteOptions,
  type DiscoveryPort,
  type GetOptions,
  type ServedKind,
} from "./kube-port.ts";
export { Limiter } from "./limiter.ts";
export { contentDigest, resourceVersionOf, uidOf } from "./live-content.ts";
export { ObjectApplier } from "./object-applier.ts";
export {
  type ObjectAction,
  type ObjectOutcome,
  type ObservedDrift,
} from "./object-outcome.ts";
export { PruneExecutor, type PruneOutcome } from "./prune-executor.ts";
export {
  type BundleEvidence,
  type PruneCandidate,
  type PruneEvidence,
} from "./prune-evidence.ts";
export {
  type PruneDecision,
  type PruneVerdict,
  decidePrune,
} from "./prune-gate.ts";
export { planStages } from "./stages.ts";
