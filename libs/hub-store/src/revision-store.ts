import {
  type AssignedBundle,
  type Digest,
  type Revision,
} from "@wheelhouse/assignment";
import {
  type Cluster,
  type Problem,
  type Rollout,
} from "@wheelhouse/fleet-model";

/** A compiled revision: what concerns the fleet as a whole. */
export interface StoredRevision {
  readonly revision: Revision;
  readonly branch: string;
  readonly subject: string;
  readonly author: string;
  /** RFC 3339. */
  readonly committedAt: string;
  readonly compiledAt: string;
  /** Of the clusters known only to the API, as they were when it was compiled: another one means to compile anew. */
  readonly registered: Digest;
  /** The Rollout object that the commit has, or the default one. */
  readonly rollout: Rollout;
  readonly clusters: readonly Cluster[];
  readonly problems: readonly RevisionProblem[];
}

/** A problem of a revision, and the clusters that stay at their last good state because of it. */
export interface RevisionProblem extends Problem {
  readonly clusters: readonly string[];
}

/** What one cluster should run at a revision, before anything is suspended by a person. */
export interface StoredTarget {
  readonly cluster: string;
  /** False where the cluster cannot be built at all and keeps its whole last assignment. */
  readonly ok: boolean;
  readonly root: Digest;
  readonly revision: Revision;
  readonly bundles: readonly AssignedBundle[];
}

/** Revisions with their targets. */
export interface RevisionStore {
  /** Stores a revision with the targets of all its clusters, and makes it the head. */
  putHead(
    revision: StoredRevision,
    targets: readonly StoredTarget[],
  ): Promise<void>;
  head(): Promise<StoredRevision | null>;
  get(commit: string): Promise<StoredRevision | null>;
  target(commit: string, cluster: string): Promise<StoredTarget | null>;
  targets(commit: string): Promise<readonly StoredTarget[]>;
  /** Drops all revisions but the head and those in `keep`. */
  retain(keep: readonly string[]): Promise<void>;
}
