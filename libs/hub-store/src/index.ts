export { type ArtifactStore, type RenderCache } from "./artifact-store.ts";
export {
  type AssignmentStore,
  type IssuedAssignment,
  type UnreadableAssignment,
} from "./assignment-store.ts";
export {
  type ClusterRecord,
  type ClusterRegistry,
  type JoinTokenProblem,
  type JoinTokenResult,
  type RegistryResult,
  type RepointRecord,
  type RepointResult,
} from "./cluster-registry.ts";
export {
  type Credential,
  type CredentialKind,
  type CredentialRole,
  type CredentialStore,
} from "./credential-store.ts";
export { type HubStore } from "./hub-store.ts";
export {
  type Journal,
  type JournalEntry,
  type JournalLine,
} from "./journal.ts";
export {
  type OverrideStore,
  type PruneApproval,
  type Suspension,
} from "./override-store.ts";
export {
  type RevisionProblem,
  type RevisionStore,
  type StoredRevision,
  type StoredTarget,
} from "./revision-store.ts";
export {
  type RolloutCommit,
  type RolloutCommitProblem,
  type RolloutCommitResult,
  type RolloutStore,
  type StoredRollout,
} from "./rollout-store.ts";
export { openSqliteHubStore } from "./sqlite/sqlite-hub-store.ts";
