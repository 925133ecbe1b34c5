import {
  type AssignmentVersion,
  type BundleName,
  type Digest,
  type Revision,
} from "@wheelhouse/assignment";
import { type Rollout } from "@wheelhouse/fleet-model";

/** Who decided something, and when: RFC 3339. */
export interface Decision {
  readonly actor: string;
  readonly at: string;
}

/** Where a rollout stands. `Halted` waits for a person; `Blocked` never started, since the revision does not compile. */
export type RolloutPhase =
  "Progressing" | "Paused" | "Halted" | "Blocked" | "Completed" | "Aborted";

/** One cluster within a rollout. */
export interface ClusterProgress {
  /** Index into `RolloutState.waves`. */
  readonly wave: number;
  /** It joined after the waves were frozen: it fills a place in its wave's budgets while in flight, but no wave waits for it. */
  readonly late: boolean;
  /** What this rollout asked to be issued last; null where it asked for nothing that is still to be confirmed or was confirmed in this generation. */
  readonly asked: { readonly root: Digest; readonly revision: Revision } | null;
  /** The issued version that everything below is about; null before the first. */
  readonly version: AssignmentVersion | null;
  /** In this generation it was issued something, or was in flight: it soaks, and its failures count. */
  readonly touched: boolean;
  /** Time since issue in which it was heard of, until it is confirmed: against progressDeadline. */
  readonly heardMs: number;
  /** How long it has not been heard of, as this rollout has seen it: 0 while it is fresh, and at most 45,000. */
  readonly awayMs: number;
  /** How long the gate's demand has held without a break, by fresh reports of one session; not counted on once it is confirmed. */
  readonly readyMs: number;
  /** The session whose reports `readyMs` counts; null while the demand does not hold. */
  readonly readySession: string | null;
  /** By gated bundle that is applied and not Ready: how long, by fresh reports, and at most its timeout. */
  readonly unreadyMs: Readonly<Record<BundleName, number>>;
  /** Stays true for its version, whatever breaks later. */
  readonly confirmed: boolean;
  /** Why it fails, or null. */
  readonly failed: string | null;
  /** A person resumed although this version fails: it is not counted again. */
  readonly tolerated: boolean;
  /** It left wave and budget because it was offline; stays for the generation. */
  readonly skipped: boolean;
  /** Bundles that its gate looks at: what was changed since it was last confirmed, and all that depend on them. Sorted. */
  readonly gated: readonly BundleName[];
  /** Bundles that were not Ready before and are unchanged, sorted; null until the cluster has reported in this generation. */
  readonly excused: readonly BundleName[] | null;
}

/** One wave within a rollout. */
export interface WaveState {
  readonly name: string;
  /** Sorted. Frozen when the rollout starts, but for clusters that join before any revision was completed. */
  readonly clusters: readonly string[];
  readonly approval: Decision | null;
  /** Accumulated time of soaking, counted only with fresh reports of its clusters. */
  readonly soakedMs: number;
  /** All its clusters were done and fresh when `step` last ran: only then does the next step add to `soakedMs`. */
  readonly soaking: boolean;
  readonly completed: boolean;
}

/** The durable state of one rollout; plain JSON. Nothing in it grows with time. */
export interface RolloutState {
  readonly name: string;
  /** Grows by one with each revision that is rolled out. */
  readonly generation: number;
  readonly revision: Revision;
  /** The newest revision that was completed before, to which `undo` and `rollback` return. */
  readonly previous: Revision | null;
  /** Revisions that were completed before `previous`, or before the one that is returned to: a further `undo` goes back to the newest. At most 3, newest last; absent: none. */
  readonly earlier?: readonly Revision[];
  /** It returns to a revision that was completed before: all waves at once, within their budgets, without soak and approval. */
  readonly returning: boolean;
  readonly phase: RolloutPhase;
  /** Why it is paused, halted, blocked or aborted; empty otherwise. */
  readonly reason: string;
  /** Where it stood before a person paused or aborted it; absent where nobody did. */
  readonly before?: {
    readonly phase: RolloutPhase;
    readonly reason: string;
  };
  /** The Rollout object, frozen when the rollout started. */
  readonly spec: Rollout;
  /** As in `spec.waves`; with `clustersNotMatched: immediately` one more at the end, that waits for none. */
  readonly waves: readonly WaveState[];
  readonly clusters: Readonly<Record<string, ClusterProgress>>;
  /** What `undo` or `rollback` rejected: nothing but `resume --revision` brings its commit back. At most 100, newest last. */
  readonly rejected: readonly Revision[];
  /**
   * When `step` last ran, by the monotonic clock that it is given. Whoever
   * loads a state after a restart sets it to null: then the first step adds
   * nothing to any time.
   */
  readonly steppedAtMs: number | null;
}
