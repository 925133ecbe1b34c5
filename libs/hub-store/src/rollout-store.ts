import { type AssignmentVersion } from "@wheelhouse/assignment";
import { type RolloutState } from "@wheelhouse/rollout";
import { type IssuedAssignment } from "./assignment-store.ts";
import { type JournalEntry } from "./journal.ts";

/** A rollout's state with the version that the next change must name. */
export interface StoredRollout {
  readonly version: number;
  readonly state: RolloutState;
  /** When its generation was first stored, and when it was first stored as Completed, RFC 3339. */
  readonly startedAt: string;
  readonly completedAt: string | null;
}

/** One step of a rollout: all of it is stored, or nothing. */
export interface RolloutCommit {
  /** Under which the state is stored. */
  readonly name: string;
  /** 0 where there was no state before. */
  readonly expectedVersion: number;
  /** Null where the step made none. */
  readonly state: RolloutState | null;
  readonly issued: readonly Pick<IssuedAssignment, "envelope" | "signed">[];
  /** The first of a repointed cluster's new incarnation also completes its `repoint`. */
  readonly confirmed: readonly ({ readonly uid: string } & AssignmentVersion)[];
  readonly at: string;
  readonly journal: readonly JournalEntry[];
}

/** Why a step was not stored: another one came between, a seq is not new, or it issues to or confirms an incarnation that is not its cluster's current one any more. */
export type RolloutCommitProblem = "conflict" | "seqNotNew" | "superseded";

/** Whether a step was stored. */
export type RolloutCommitResult =
  | { readonly ok: true; readonly version: number }
  | { readonly ok: false; readonly problem: RolloutCommitProblem };

/** Rollouts, changed by compare-and-set alone. */
export interface RolloutStore {
  get(name: string): Promise<StoredRollout | null>;
  list(): Promise<readonly StoredRollout[]>;
  commit(step: RolloutCommit): Promise<RolloutCommitResult>;
}
