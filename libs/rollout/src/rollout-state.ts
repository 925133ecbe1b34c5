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
  readonly wave: number;
  /** What was issued to it by this rollout; null before. */
  readonly issued: (AssignmentVersion & { readonly root: Digest }) | null;
  readonly issuedAtMs: number | null;
  /** Time since issue in which it was heard of: against progressDeadline. */
  readonly heardMs: number;
  /** How long the gate's demand has held without a break, by fresh reports of one session. */
  readonly readyMs: number;
  /** The session whose reports `readyMs` counts. */
  readonly readySession: string | null;
  /** Stays true for its version, whatever breaks later. */
  readonly confirmed: boolean;
  /** Why it failed, or null. */
  readonly failed: string | null;
  /** It left wave and budget because it was offline. */
  readonly skipped: boolean;
  /** Bundles that its gate looks at: what the rollout changed, and all that depend on them. */
  readonly gated: readonly BundleName[];
  /** Bundles that were not Ready before and are unchanged. */
  readonly excused: readonly BundleName[];
}

/** One wave within a rollout. */
export interface WaveState {
  readonly name: string;
  readonly clusters: readonly string[];
  readonly approval: Decision | null;
  /** Accumulated time of soaking, counted only with fresh reports of all its clusters. */
  readonly soakedMs: number;
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
  readonly phase: RolloutPhase;
  /** Why it is paused, halted, blocked or aborted; empty otherwise. */
  readonly reason: string;
  /** The Rollout object, frozen when the rollout started. */
  readonly spec: Rollout;
  readonly waves: readonly WaveState[];
  readonly clusters: Readonly<Record<string, ClusterProgress>>;
  /** Commits that `undo`, `rollback` or a person rejected: nothing but `resume --revision` brings them back. At most 100, newest last. */
  readonly rejected: readonly string[];
  /** When `step` last ran, by the monotonic clock that it is given; null after a restart, so that a restart adds nothing to any time. */
  readonly steppedAtMs: number | null;
}
