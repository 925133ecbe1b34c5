import { type ObjectResult } from "@wheelhouse/kube-apply";
import { type HeldReason } from "@wheelhouse/assignment";
import { type ObjectNote } from "@wheelhouse/protocol";
import { type ObjectStatus } from "@wheelhouse/status";
import { type HealthBasis } from "./health-basis.ts";

/** How healthy a bundle's objects are, at one look. */
export interface BundleHealth {
  readonly status: ObjectStatus;
  readonly total: number;
  readonly ready: number;
  /** The objects that are not Current, worst first, at most 20. */
  readonly notes: readonly ObjectNote[];
  /** Whether all objects and health checks are Current. */
  readonly isReady: boolean;
  readonly areChecksReady: boolean;
  /** False where time ran out before every object was judged: the next pass goes on. */
  readonly isWhole: boolean;
}

/** A bundle's health, and what it was judged of: dependants go on by it only while that is what is there. */
export interface HealthVerdict extends BundleHealth {
  readonly basis: HealthBasis;
}

/** What stopped a bundle from being applied, if anything. */
export interface BundleObstacle {
  /** PascalCase. */
  readonly reason: string;
  readonly message: string;
  /** Whether waiting will not mend it. */
  readonly isFinal: boolean;
}

/** What may be told of a bundle's late values. */
export interface LateFacts {
  readonly fingerprint: string;
  readonly macNotVerifiable: boolean;
}

/** What is known in memory of one bundle; all of it can be found again after a restart. */
export interface BundleState {
  readonly results: readonly ObjectResult[];
  /** For people, too: of a bundle that waits it is that of what was applied before, as its basis says. */
  readonly health: HealthVerdict | undefined;
  /** What it waits for: a dependency. */
  readonly waitsFor: string;
  readonly obstacle: BundleObstacle | undefined;
  readonly held: HeldReason | null;
  /** The late values that its last pass knew; undefined where it has none, or could not read them. */
  readonly late?: LateFacts;
  /** Whether its last pass at the current digest applied every object. */
  readonly isAppliedNow: boolean;
  /** Since when it has not been Ready, in monotonic milliseconds; undefined while it is. */
  readonly notReadySinceMs: number | undefined;
  /** Failed passes in a row. */
  readonly failures: number;
}

/** A bundle about which nothing is known yet. */
export const unknownState: BundleState = {
  results: [],
  health: undefined,
  waitsFor: "",
  obstacle: undefined,
  held: null,
  isAppliedNow: false,
  notReadySinceMs: undefined,
  failures: 0,
};

/** Whether nothing of a bundle is left to do at its digest, until something happens. */
export function isSettled(state: BundleState): boolean {
  return (
    state.isAppliedNow &&
    state.obstacle === undefined &&
    state.waitsFor === "" &&
    state.health?.isReady === true
  );
}

/** Whether what depends on a bundle may go on, or has to wait again, since its state became another. */
export function concernsDependants(
  before: BundleState,
  after: BundleState,
): boolean {
  return (
    before.health?.basis !== after.health?.basis ||
    before.health?.isReady !== after.health?.isReady ||
    before.health?.areChecksReady !== after.health?.areChecksReady ||
    before.isAppliedNow !== after.isAppliedNow
  );
}
