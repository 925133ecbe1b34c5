import {
  type ArtifactReference,
  type Digest,
  type Envelope,
  type SignedEnvelope,
} from "@wheelhouse/assignment";
import { type DriftRecord } from "@wheelhouse/drift";
import {
  type AssignmentMark,
  type BundleReport,
  type ClusterCapabilities,
  type PruneHold,
} from "@wheelhouse/protocol";

/** The assignment that is durable in the cluster. */
export interface AcknowledgedAssignment {
  readonly mark: AssignmentMark;
  readonly signed: SignedEnvelope;
}

/** An artifact whose bytes have been checked against its digest. */
export interface FetchedArtifact {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** Where assignments are durable: in the cluster itself. Each call throws where the cluster cannot be reached; it is tried again later. */
export interface DurableAssignments {
  loadAcknowledged(): Promise<AcknowledgedAssignment | null>;
  /** Which of these are not durable yet, or not any more, by a look at the cluster. Those that are stay so until the next look. */
  missingArtifacts(digests: readonly Digest[]): Promise<readonly Digest[]>;
  /** Which artifacts of the acknowledged assignment are missing or damaged: by a look at the cluster, or else as far as is known without one. */
  lackingArtifacts(options: {
    readonly isLooking: boolean;
  }): Promise<readonly ArtifactReference[]>;
  /** Makes artifacts durable; what was not acted on for want of one is acted on then. */
  putArtifacts(artifacts: readonly FetchedArtifact[]): Promise<void>;
  /** Moves ratchet and envelope together, in one update with its resourceVersion. `superseded`: another instance has moved them meanwhile. */
  acknowledge(
    signed: SignedEnvelope,
    mark: AssignmentMark,
  ): Promise<"acknowledged" | "superseded">;
}

/** Judges an assignment, as `trust` does. */
export type VerifyAssignment = (
  signed: SignedEnvelope,
  acknowledged: SignedEnvelope | null,
  nowMs: number,
) =>
  | {
      readonly ok: true;
      readonly envelope: Envelope;
      readonly step: "forward" | "same";
    }
  | { readonly ok: false; readonly problem: string; readonly message: string };

/** The spoke's certificate and key. */
export interface SpokeCredentials {
  /** DER, leaf first. */
  readonly certificateChain: readonly Uint8Array[];
  /** P-256, PEM; never leaves the cluster. */
  readonly privateKey: string;
}

/** A key that can ask for a certificate and prove itself. */
export interface RequestingKey {
  /** A request for a certificate, PKCS #10 in DER. */
  createRequest(): Promise<Uint8Array>;
  /** ECDSA with SHA-256, DER. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** The spoke's identity, as its Secret has it. */
export interface SpokeIdentity extends RequestingKey {
  current(): SpokeCredentials;
  /** Makes a renewed chain durable; `current` returns it from then on. */
  saveChain(chain: readonly Uint8Array[]): Promise<void>;
}

/** All that the hub is to know of this cluster now. The values are not changed afterwards. */
export interface ReportSnapshot {
  /** The acknowledged assignment that all of this is about. */
  readonly assignment: AssignmentMark | null;
  readonly bundles: ReadonlyMap<string, BundleReport>;
  /** Newest first. */
  readonly drift: readonly DriftRecord[];
  readonly pruneHolds: readonly PruneHold[];
}

/** What the rest of the spoke gives to the session and hears from it. */
export interface SessionPorts {
  readonly store: DurableAssignments;
  readonly verify: VerifyAssignment;
  readonly identity: SpokeIdentity;
  /** What the cluster can do now; asked at each connect. */
  capabilities(): ClusterCapabilities;
  /** What is to be reported now; asked after `reportChanged`, and for each full report. */
  readReports(): ReportSnapshot;
  /** An assignment is durable and may be acted on. Called once for each, in order. */
  onAssignment(envelope: Envelope, signed: SignedEnvelope): void;
  /** A person wants live state compared now: one bundle, or all with an empty text. */
  onReconcileRequest(bundle: string): void;
}

/** Something worth a line in the spoke's log. */
export interface LinkLogEntry {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly reason?: string;
  readonly error?: unknown;
}

/** Takes the spoke's log lines about the link. */
export type LinkLog = (entry: LinkLogEntry) => void;
