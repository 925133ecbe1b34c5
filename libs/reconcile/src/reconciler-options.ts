import { type Envelope, type SignedEnvelope } from "@wheelhouse/assignment";
import { type Clock } from "@wheelhouse/clock";
import {
  type ApplyPort,
  type ArtifactStore,
  type RatchetSecret,
  type BundleRecords,
  type DiscoveryPort,
  type Failpoint,
  type Inventory,
  type StoredMark,
} from "@wheelhouse/kube-apply";
import { type OwnedObjects } from "@wheelhouse/kube-watch";
import { type LateValues } from "./late-values.ts";

/** What happened, as a line of the log: values stand in fields, and none of them is secret. */
export type Log = (
  level: "info" | "warn" | "error",
  message: string,
  fields?: Readonly<Record<string, string | number | boolean | null>>,
) => void;

/** What a person should be told of in the cluster itself. */
export interface ClusterEvent {
  /** PascalCase: `Applied`, `Failed`, `Held`, `DriftHealed`, `Pruned`. */
  readonly reason: string;
  readonly kind: "Normal" | "Warning";
  readonly bundle: string;
  readonly message: string;
}

/** An assignment that was verified and acknowledged. */
export interface AcknowledgedAssignment {
  readonly mark: StoredMark;
  readonly signed: SignedEnvelope;
  readonly envelope: Envelope;
  /** When the delegation ends under which it was signed, in milliseconds. An expired one deletes nothing. */
  readonly delegationNotAfterMs: number;
}

/** What a reconciler is made of. */
export interface ReconcilerOptions {
  readonly port: ApplyPort;
  readonly discovery: DiscoveryPort;
  /** What is owned, kept in view; the reconciler says which kinds. */
  readonly view: Pick<
    OwnedObjects,
    "get" | "isSynced" | "onChange" | "setKinds" | "whenSynced"
  >;
  readonly inventory: Inventory;
  readonly records: BundleRecords;
  readonly artifacts: ArtifactStore;
  /** Finishes what only the cluster can; absent: such bundles are held. */
  readonly lateValues?: LateValues;
  readonly assignments: RatchetSecret;
  readonly clock: Clock;
  /** Whether a hub has named its newest assignment within the last day; asked at each look at what could be deleted. While it has not, nothing is. */
  readonly isFresh: () => boolean;
  /** Between 0 and 1: spreads resyncs. */
  readonly random: () => number;
  readonly failpoint: Failpoint;
  readonly log: Log;
  readonly emit: (event: ClusterEvent) => void;
  /** Reports, drift or prune holds are not what they were. */
  readonly reportChanged: () => void;
  /** Another instance acknowledged a newer assignment: it is to be loaded and assigned here. */
  readonly superseded: (by: StoredMark) => void;
  /** Bundles at once; 500 by default: their requests are bounded apart, and their records are written together. */
  readonly bundlesAtOnce?: number;
  /** Requests at once; 20 by default. */
  readonly requestsAtOnce?: number;
  /** How long after the first look at a deletion the second must come, after a start or a new epoch; 60,000 by default. */
  readonly confirmPruneAfterMs?: number;
}
