import {
  type AssignmentVersion,
  type Digest,
  type HeldReason,
} from "@wheelhouse/assignment";
import { type DriftRecord } from "@wheelhouse/drift";
import { type ObjectId } from "@wheelhouse/kube-object";
import { type ObjectStatus } from "@wheelhouse/status";

/** The version of the link that this code speaks. A peer with another major number is refused. */
export const protocolVersion = { major: 1, minor: 0 } as const;

/** An assignment as both sides name it. */
export interface AssignmentMark extends AssignmentVersion {
  readonly root: Digest;
}

/** What a cluster can do, as its API server tells. */
export interface ClusterCapabilities {
  /** Such as `v1.36.3`. */
  readonly kubeVersion: string;
  /** `group/version/Kind` of everything served, sorted; at most 5,000. */
  readonly apiVersions: readonly string[];
}

/** The first message of a spoke on each connection. */
export interface Hello {
  readonly kind: "hello";
  readonly protocol: { readonly major: number; readonly minor: number };
  readonly spokeVersion: string;
  readonly fleet: string;
  readonly cluster: string;
  /** Must equal the uid in the certificate, or the stream is cut. */
  readonly uid: string;
  /** Tells two clusters with one identity apart. */
  readonly kubeSystemUid: string;
  /** Chosen anew at each start of a spoke's process. */
  readonly instance: string;
  /** The newest assignment that is durable in the cluster. */
  readonly acknowledged: AssignmentMark | null;
  readonly capabilities: ClusterCapabilities;
}

/** The hub's answer to a hello. */
export interface Welcome {
  readonly kind: "welcome";
  readonly protocol: { readonly major: number; readonly minor: number };
  readonly hubVersion: string;
  readonly session: string;
  /** How often the spoke sends a heartbeat, in milliseconds. */
  readonly heartbeatMs: number;
}

/** The hub's newest assignment for this cluster; the spoke fetches it if it does not have it. */
export interface AssignmentOffer {
  readonly kind: "assignmentOffer";
  readonly offer: AssignmentMark;
}

/** Envelope and all its artifacts are verified and durable in the cluster. */
export interface AssignmentAcknowledged {
  readonly kind: "assignmentAcknowledged";
  readonly acknowledged: AssignmentMark;
}

/** The spoke will not take an offered assignment. The hub shows it and does not insist. */
export interface AssignmentRefused {
  readonly kind: "assignmentRefused";
  readonly refused: AssignmentMark;
  /** PascalCase, such as `BadSignature`, `WrongAudience`, `OlderThanAcknowledged`, `Equivocation`. */
  readonly reason: string;
  readonly message: string;
}

/** Sent every `heartbeatMs` by the spoke; answered at once. */
export interface Heartbeat {
  readonly kind: "heartbeat";
  readonly counter: number;
  readonly acknowledged: AssignmentMark | null;
  /** The counter of the newest status report that was sent; a hub that has not got it asks for a full one. */
  readonly reportCounter: number;
}

/** The hub's answer: the newest assignment it has for this cluster. */
export interface HeartbeatReply {
  readonly kind: "heartbeatReply";
  readonly counter: number;
  readonly latest: AssignmentMark | null;
  /** The hub's time, RFC 3339. */
  readonly hubTime: string;
}

/** An object that is not Ready, or was refused: at most 20 in a bundle's report. */
export interface ObjectNote {
  readonly object: ObjectId;
  readonly status: ObjectStatus;
  /** At most 1,024 characters, scrubbed of values. */
  readonly message: string;
}

/** A deletion that the prune gate held back, until a person approves it. */
export interface PruneHold {
  readonly object: ObjectId;
  readonly bundle: string;
  /** PascalCase: the row of the prune gate, such as `OverBudget`, `ProtectedKind`, `EmptySource`. */
  readonly reason: string;
  readonly message: string;
}

/** All that a hub learns of one bundle in one cluster. */
export interface BundleReport {
  readonly bundle: string;
  /** The bundle's digest in the acknowledged assignment. */
  readonly digest: Digest;
  /** The digest that was last applied completely and without error; null before the first. */
  readonly applied: Digest | null;
  /** Applied at `digest`, and every object Current at a generation not older than what was written. */
  readonly ready: boolean;
  /** Whether something failed so that waiting will not mend it: refused, held in conflict, timed out, or Failed by kstatus. */
  readonly failed: boolean;
  /** The worst of its objects, or `Unknown` before it was applied. */
  readonly status: ObjectStatus;
  readonly objects: { readonly total: number; readonly ready: number };
  /** What it is doing or waiting for: `waits for Kustomization/flux-system/webapp-common`; empty when settled. */
  readonly message: string;
  readonly held: HeldReason | null;
  /** The late values that it was resolved with; absent where it has none, or they could not be read. */
  readonly late?: {
    /** HMAC by a secret of the cluster, 64 hex digits. */
    readonly fingerprint: string;
    readonly macNotVerifiable: boolean;
  };
  readonly notes: readonly ObjectNote[];
  /** Open or blocked drift, and not only healed one. */
  readonly drifted: boolean;
  /** When `ready`, `applied` or `failed` last changed, RFC 3339 by the spoke's clock. */
  readonly since: string;
}

/**
 * What changed since the report before it; the first one of a session is
 * full. Reports are counted per session, and one that is not the next is
 * refused by asking for a full one.
 */
export interface StatusReport {
  readonly kind: "statusReport";
  readonly counter: number;
  readonly full: boolean;
  /** The acknowledged assignment that all of this is about. */
  readonly assignment: AssignmentMark | null;
  readonly bundles: readonly BundleReport[];
  /** Bundles that are no longer there; empty in a full report. */
  readonly dropped: readonly string[];
  /** The whole ledger where it changed, else undefined; at most 500, newest first. */
  readonly drift?: readonly DriftRecord[];
  /** All holds where they changed, else undefined; at most 1,000. */
  readonly pruneHolds?: readonly PruneHold[];
}

/** The hub lacks a report and wants a full one. */
export interface ReportRequest {
  readonly kind: "reportRequest";
}

/** A person wants live state compared now: one bundle, or all with an empty text. */
export interface ReconcileRequest {
  readonly kind: "reconcileRequest";
  readonly bundle: string;
}

/** Everything that a spoke sends on the control stream. */
export type SpokeMessage =
  Hello | Heartbeat | AssignmentAcknowledged | AssignmentRefused | StatusReport;

/** Everything that a hub sends on the control stream. */
export type HubMessage =
  Welcome | AssignmentOffer | HeartbeatReply | ReportRequest | ReconcileRequest;
