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

/** What was issued to whom. New ones are stored by `RolloutStore.commit` alone. */
export interface AssignmentStore {
  /** The newest of an incarnation. */
  newest(uid: string): Promise<IssuedAssignment | null>;
  get(
    uid: string,
    version: AssignmentVersion,
  ): Promise<IssuedAssignment | null>;
  /** The newest that was confirmed under a cluster's name, by any incarnation. */
  lastConfirmed(cluster: string): Promise<IssuedAssignment | null>;
  /** The highest seq issued under a cluster's name at an epoch; 0 where none. */
  highestSeq(cluster: string, epoch: number): Promise<number>;
  acknowledge(
    uid: string,
    version: AssignmentVersion,
    at: string,
  ): Promise<void>;
  /** Whether an incarnation was issued an assignment that names the artifact, among those that are kept. */
  names(uid: string, artifact: Digest): Promise<boolean>;
  /** Keeps, of each incarnation, the newest `perUid` and the newest confirmed one. */
  retain(perUid: number): Promise<void>;
}
