import { type ArtifactStore, type RenderCache } from "./artifact-store.ts";
import { type AssignmentStore } from "./assignment-store.ts";
import { type ClusterRegistry } from "./cluster-registry.ts";
import { type CredentialStore } from "./credential-store.ts";
import { type Journal } from "./journal.ts";
import { type OverrideStore } from "./override-store.ts";
import { type RevisionStore } from "./revision-store.ts";
import { type RolloutStore } from "./rollout-store.ts";

/** All that a hub must remember; each user takes the part that it needs. */
export interface HubStore {
  readonly registry: ClusterRegistry;
  readonly credentials: CredentialStore;
  readonly revisions: RevisionStore;
  readonly artifacts: ArtifactStore;
  readonly renders: RenderCache;
  readonly assignments: AssignmentStore;
  readonly rollouts: RolloutStore;
  readonly overrides: OverrideStore;
  readonly journal: Journal;
  close(): Promise<void>;
}
