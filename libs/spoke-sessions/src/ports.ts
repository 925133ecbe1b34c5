import { type Digest, type SignedEnvelope } from "@wheelhouse/assignment";
import { type DriftRecord } from "@wheelhouse/drift";
import {
  type AssignmentMark,
  type AssignmentRefused,
  type BundleReport,
  type Heartbeat,
  type Hello,
  type LinkReason,
  type PruneHold,
} from "@wheelhouse/protocol";

/** A value now or later: an embedded store answers at once, a distant one does not. */
export type Awaitable<T> = T | Promise<T>;

/** One incarnation of a cluster as the registry has it. */
export interface RegisteredCluster {
  readonly uid: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** `left` is not named by Git any more, and may come back; `revoked` is out for good; `superseded` lost its name to another uid. */
  readonly state: "active" | "left" | "revoked" | "superseded";
  /** Hashes of the keys that may connect, newest first, at most two. Empty where none is known, as after the restore of a backup made before the join: the first whose chain leads to the root is taken. */
  readonly keys: readonly string[];
}

/** What is bound to a join token when it is spent. */
export interface JoinFacts {
  readonly keyHash: string;
  readonly kubeSystemUid: string;
  readonly nowMs: number;
}

/** Whether a token was spent. */
export type JoinTokenResult =
  | { readonly ok: true; readonly cluster: string; readonly uid: string }
  | {
      readonly ok: false;
      readonly problem: "unknown" | "expired" | "used" | "revoked" | "keyInUse";
    };

/** Who may connect, durably. */
export interface SpokeRegistry {
  findByUid(uid: string): Awaitable<RegisteredCluster | undefined>;
  /** Spends a token in one atomic step: of any number of callers at most one ever succeeds. */
  consumeJoinToken(
    tokenHash: string,
    facts: JoinFacts,
  ): Awaitable<JoinTokenResult>;
  /** Keeps which keys may connect from now on, newest first, and how long the newest certificate lives. False where the uid may not connect any more: then the certificate is not handed out. */
  recordCertificate(
    uid: string,
    facts: { readonly keys: readonly string[]; readonly notAfterMs: number },
  ): Awaitable<boolean>;
}

/** What clusters should run. */
export interface AssignmentSource {
  /** The newest assignment issued to a uid. */
  latest(uid: string): Awaitable<AssignmentMark | null>;
  load(
    uid: string,
    epoch: number,
    seq: number,
  ): Awaitable<SignedEnvelope | undefined>;
  /** An artifact's bytes, only if an assignment of this very uid names it. */
  artifact(uid: string, digest: Digest): Awaitable<Uint8Array | undefined>;
}

/** Whose session an observation is of. */
export interface SessionKey {
  readonly uid: string;
  readonly cluster: string;
  readonly session: string;
}

/** All that a session has reported, merged. */
export interface ReportedState {
  /** The assignment that all of this is about. */
  readonly assignment: AssignmentMark | null;
  readonly bundles: ReadonlyMap<string, BundleReport>;
  readonly drift: readonly DriftRecord[];
  readonly pruneHolds: readonly PruneHold[];
}

/** Hears what sessions say. Called only for the newest session of a uid; must return quickly, and must not throw. */
export interface SessionObserver {
  /** Also when a session counts again because a newer one of its uid has ended. */
  onHello(session: SessionKey, hello: Hello): void;
  onAcknowledged(session: SessionKey, mark: AssignmentMark): void;
  onRefused(session: SessionKey, refused: AssignmentRefused): void;
  onReport(session: SessionKey, state: ReportedState): void;
  onHeartbeat(session: SessionKey, heartbeat: Heartbeat): void;
  /** The newest session of a uid has ended, and no other of it lives. */
  onClosed(session: SessionKey, reason: string): void;
}

/** Whom a certificate names. */
export interface PeerIdentity {
  readonly fleet: string;
  readonly cluster: string;
  readonly uid: string;
  readonly keyHash: string;
  readonly notAfterMs: number;
}

/** Keys and certificates, as `trust` makes them. */
export interface CertificateAuthority {
  readIdentity(certificate: Uint8Array): PeerIdentity | undefined;
  readRenewal(
    chain: readonly Uint8Array[],
    nowMs: number,
  ): Awaitable<PeerIdentity | undefined>;
  readRequest(
    request: Uint8Array,
  ): Awaitable<
    | { readonly ok: true; readonly publicKey: Uint8Array }
    | { readonly ok: false; readonly problem: string }
  >;
  isProof(
    certificate: Uint8Array,
    bytes: Uint8Array,
    signature: Uint8Array,
  ): boolean;
  hashPublicKey(publicKey: Uint8Array): string;
  hashToken(secret: Uint8Array): string;
  canIssue(nowMs: number): boolean;
  issue(
    cluster: { readonly uid: string; readonly cluster: string },
    publicKey: Uint8Array,
    nowMs: number,
  ): Awaitable<{
    readonly chain: readonly Uint8Array[];
    readonly keyHash: string;
    readonly notAfterMs: number;
  }>;
}

/** Something worth a line in the hub's log. */
export interface SessionLogEntry {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly uid?: string;
  readonly session?: string;
  readonly reason?: LinkReason;
  readonly error?: unknown;
}

/** Takes the hub's log lines. */
export type SessionLog = (entry: SessionLogEntry) => void;
