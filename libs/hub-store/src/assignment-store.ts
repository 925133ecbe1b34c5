import {
  type AssignmentVersion,
  type Digest,
  type Envelope,
  type SignedEnvelope,
} from "@wheelhouse/assignment";

/** An assignment that was issued. */
export interface IssuedAssignment {
  readonly envelope: Envelope;
  readonly signed: SignedEnvelope;
  /** RFC 3339; null until then. */
  readonly acknowledgedAt: string | null;
  readonly confirmedAt: string | null;
}

/** A stored assignment that cannot be read, and why. */
export interface UnreadableAssignment extends AssignmentVersion {
  readonly cluster: string;
  readonly problem: string;
}

/** What was issued to whom. New ones are stored by `RolloutStore.commit` alone. One that cannot be read counts as lost, as after the restore of a backup made before it: its own cluster bears that, and no other. */
export interface AssignmentStore {
  /** The newest of an incarnation. */
  newest(uid: string): Promise<IssuedAssignment | null>;
  get(
    uid: string,
    version: AssignmentVersion,
  ): Promise<IssuedAssignment | null>;
  /** The newest that was confirmed under a cluster's name, by any incarnation. */
  lastConfirmed(cluster: string): Promise<IssuedAssignment | null>;
  acknowledge(
    uid: string,
    version: AssignmentVersion,
    at: string,
  ): Promise<void>;
  /** Whether an incarnation was issued an assignment that names the artifact, among those that are kept. */
  names(uid: string, artifact: Digest): Promise<boolean>;
  /** Keeps, of each incarnation, the newest `perUid` and the newest confirmed one. */
  retain(perUid: number): Promise<void>;
  /** Those that could not be read so far, of all that were asked for since the store was opened; at most a thousand. */
  unreadable(): readonly UnreadableAssignment[];
}
