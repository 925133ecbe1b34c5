import { type Revision } from "@wheelhouse/assignment";
import { type RolloutState } from "./rollout-state.ts";

/** What the hub must carry out, in the same transaction that stores the new state. */
export type RolloutEffect =
  | {
      /** Store a new seq for the cluster with its target at this revision, and offer it. */
      readonly kind: "issue";
      readonly cluster: string;
      readonly revision: Revision;
    }
  | {
      /** Something to remember in the audit journal. */
      readonly kind: "note";
      readonly reason: string;
      readonly message: string;
      readonly cluster?: string;
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
}
