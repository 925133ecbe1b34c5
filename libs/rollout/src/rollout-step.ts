import { type AssignmentVersion, type Revision } from "@wheelhouse/assignment";
import { type RolloutState } from "./rollout-state.ts";

/**
 * What the hub must carry out, in the same transaction that stores the new
 * state. Doing one twice changes nothing.
 */
export type RolloutEffect =
  | {
      /** Store a new seq for the cluster with its target at this revision, and offer it. Nothing where its root is issued already. */
      readonly kind: "issue";
      readonly cluster: string;
      readonly revision: Revision;
    }
  | {
      /** Store that this issued assignment was confirmed: `ClusterFact.issuedConfirmed`, and the name's last confirmed target. */
      readonly kind: "confirm";
      readonly cluster: string;
      readonly version: AssignmentVersion;
    }
  | {
      /** Something to remember in the audit journal. */
      readonly kind: "note";
      /** PascalCase, such as `RolloutStarted` or `WaveCompleted`. */
      readonly reason: string;
      readonly message: string;
      readonly cluster?: string;
      /** Who decided it, where a person did. */
      readonly actor?: string;
    };

/** Why a cluster, a wave or the rollout is where it is: for `rollout status`, `why` and the page. */
export interface RolloutReason {
  readonly wave?: string;
  readonly cluster?: string;
  /** PascalCase, such as `WaitsForApproval`, `Soaking`, `OverBudget`, `Offline`, `NotReady`. */
  readonly reason: string;
  readonly message: string;
}

/** What one step came to. */
export interface RolloutStep {
  readonly state: RolloutState | null;
  readonly effects: readonly RolloutEffect[];
  readonly reasons: readonly RolloutReason[];
  /** Why the command was refused, in words for the person; null where it was taken or there was none. */
  readonly refused: string | null;
  /** The revision whose targets the next step must be given; where it is not `RolloutInput.targetsAt`, the next step is due at once. */
  readonly wants: Revision | null;
  /** The newest completed revision: what a cluster that joins gets, for `ClusterFact.completedTarget`. */
  readonly completed: Revision | null;
}
