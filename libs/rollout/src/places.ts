import { type Revision } from "@wheelhouse/assignment";
import { type NumberProblem } from "./assignment-numbers.ts";
import { budgetOf } from "./budget.ts";
import { isFresh } from "./freshness.ts";
import { gatedBundles } from "./gate.ts";
import { unreadyBundles } from "./unready-bundles.ts";
import { type Member, type WaveMembers } from "./membership.ts";
import { type Target } from "./rollout-input.ts";
import { type ClusterProgress } from "./rollout-state.ts";

/** How full a wave's budgets are. */
export interface Places {
  readonly inFlight: number;
  readonly unavailable: number;
  readonly maxConcurrency: number;
  readonly maxUnavailable: number;
}

/** Counts the places that a wave's clusters fill now. */
export function countPlaces({ members, spec, size }: WaveMembers): Places {
  return {
    inFlight: members.filter((m) => m.standing.inFlight).length,
    unavailable: members.filter((m) => m.standing.unavailable).length,
    maxConcurrency: budgetOf(spec.maxConcurrency, size),
    maxUnavailable: budgetOf(spec.maxUnavailable, size),
  };
}

/**
 * The places as they stand after an issue to this cluster; null where that
 * would be over a budget. Each budget is judged apart. A place that the
 * cluster fills already, as is known, is not filled again; one that it fills
 * for want of knowledge has to fit like a new one (S16).
 */
export function admit({ standing }: Member, places: Places): Places | null {
  const inFlight = places.inFlight + (standing.inFlight ? 0 : 1);
  const unavailable = places.unavailable + (standing.unavailable ? 0 : 1);
  if (!standing.knownInFlight && inFlight > places.maxConcurrency) return null;
  if (!standing.knownUnavailable && unavailable > places.maxUnavailable) {
    return null;
  }
  return { ...places, inFlight, unavailable };
}

/** Why a cluster cannot be given anything, whatever the budgets. */
export type UnknownReason = "Offline" | NumberProblem | "NotReported";

/** Why a cluster cannot be given anything, whatever the budgets: it is not known how it stands (S16), or nobody may sign for it. Null where it can. */
export function unknownBecause({ fact }: Member): UnknownReason | null {
  if (!isFresh(fact)) return "Offline";
  if (fact.numberProblem !== undefined) return fact.numberProblem;
  if (fact.acknowledged !== null && fact.report === null) return "NotReported";
  return null;
}

/** What progress remembers of an issue: what the gate will look at, and what it excuses. */
export function askFor(
  { fact, progress, standing }: Member,
  target: Target,
  revision: Revision,
  touched: boolean,
): ClusterProgress {
  // Of what was never confirmed nothing may slip out of the gate by being superseded.
  const carried = standing.inFlight ? progress.gated : [];
  const gated = gatedBundles(fact.newest, target, carried);
  const gatedNames = new Set(gated);
  const kept = new Set(target.bundles.map(({ name }) => name));
  const excused = unreadyBundles(fact.newest, fact.report?.bundles ?? [])
    .filter((b) => kept.has(b.name))
    .map(({ name }) => name)
    .filter((name) => !gatedNames.has(name));
  return {
    ...progress,
    asked: { root: target.root, revision },
    gated,
    excused,
    touched: touched || progress.touched,
  };
}
