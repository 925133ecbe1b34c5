import { type Revision } from "@wheelhouse/assignment";
import { type Rollout } from "@wheelhouse/fleet-model";
import { type KnownCluster } from "./known-cluster.ts";
import { createProgress } from "./observation.ts";
import { completedRevision } from "./issue.ts";
import { type Facts } from "./known-cluster.ts";
import { progressOf } from "./membership.ts";
import { isSameRevision } from "./revision-identity.ts";
import { type ClusterProgress, type RolloutState } from "./rollout-state.ts";
import { isInFlight } from "./standing.ts";
import { planWaves, waveOf } from "./wave-plan.ts";

/** At most so many rejected revisions are remembered; the oldest go first. */
export const maxRejected = 100;

/** At most so many revisions are remembered from before the one that `previous` names: each is kept whole in the store. */
export const maxEarlier = 3;

/** What a new generation is about. */
interface Start {
  readonly revision: Revision;
  readonly spec: Rollout;
  readonly returning: boolean;
}

/**
 * Starts a generation at its first wave, with the clusters that have joined.
 * What is in flight stays so, with its tallies and all that its gate has to
 * look at: superseding frees no place.
 */
export function startGeneration(
  state: RolloutState | null,
  { revision, spec, returning }: Start,
  facts: Facts,
): RolloutState {
  const clusters: Record<string, ClusterProgress> = {};
  for (const [name, fact] of facts) {
    const wave = waveOf(spec, fact.labels);
    if (wave === null) continue;
    const prior = state === null ? null : progressOf(state, name);
    const carried = carryOver(prior, fact, wave);
    // A return asks anew who is there: nobody is let go who was not asked.
    clusters[name] = returning ? { ...carried, awayMs: 0 } : carried;
  }
  const base = state === null ? null : completedBase(state);
  return {
    name: spec.name,
    generation: (state?.generation ?? 0) + 1,
    revision,
    previous: returning ? null : base,
    earlier: earlierThan(state, returning ? [revision] : [revision, base]),
    returning,
    phase: "Progressing",
    reason: "",
    spec,
    waves: planWaves(spec, facts.values()),
    clusters,
    rejected: state?.rejected ?? [],
    steppedAtMs: state?.steppedAtMs ?? null,
  };
}

/** What was completed before, without what the new generation names itself. */
function earlierThan(
  state: RolloutState | null,
  named: readonly (Revision | null)[],
): readonly Revision[] {
  const { earlier = [], previous = null } = state ?? {};
  const all = previous === null ? earlier : [...earlier, previous];
  return all
    .filter((one) => named.every((other) => !isSameRevision(one, other)))
    .slice(-maxEarlier);
}

/** What a revision that is returned to was: completed, also before the return is. */
function completedBase(state: RolloutState): Revision | null {
  return state.returning ? state.revision : completedRevision(state);
}

function carryOver(
  prior: ClusterProgress | null,
  fact: KnownCluster,
  wave: number,
): ClusterProgress {
  if (prior === null) return createProgress(wave, false);
  if (!isInFlight(fact, prior)) {
    // The version stays known, so that facts which lost it are seen to have.
    const { version, confirmed, awayMs } = prior;
    return { ...createProgress(wave, false), version, confirmed, awayMs };
  }
  const kept = { ...prior, wave, late: false, touched: true };
  return { ...kept, skipped: false, tolerated: false };
}

/** Takes in clusters that joined since, and drops those that left the fleet. */
export function enrol(state: RolloutState, facts: Facts): RolloutState {
  const joined = [...facts.values()].filter(
    ({ name }) => progressOf(state, name) === null,
  );
  const left = Object.keys(state.clusters).filter((name) => !facts.has(name));
  if (joined.length === 0 && left.length === 0) return state;
  const clusters: Record<string, ClusterProgress> = { ...state.clusters };
  for (const name of left) delete clusters[name];
  const hasCompleted = completedRevision(state) !== null;
  const entering = new Map<number, string[]>();
  for (const { name, labels } of joined) {
    const wave = waveOf(state.spec, labels);
    if (wave === null) continue;
    const frozen = state.waves.findIndex((w) => w.clusters.includes(name));
    const late = hasCompleted && frozen < 0;
    clusters[name] = createProgress(frozen < 0 ? wave : frozen, late);
    if (!late && frozen < 0)
      entering.set(wave, [...(entering.get(wave) ?? []), name]);
  }
  const waves = state.waves.map((wave, index) => {
    const names = entering.get(index);
    if (names === undefined) return wave;
    // A wave that was done for want of clusters begins with its first one.
    const completed = wave.completed && wave.clusters.length > 0;
    return {
      ...wave,
      completed,
      clusters: [...wave.clusters, ...names].sort(),
    };
  });
  return { ...state, clusters, waves };
}

/** Where an undo goes back to: the newest revision that was completed before the rollout's own; null where none is known. */
export function undoTarget(state: RolloutState): Revision | null {
  return state.previous ?? state.earlier?.at(-1) ?? null;
}

/** The revisions that a rollout may still need targets of, its own first: a store keeps them. */
export function neededRevisions({
  revision,
  previous,
  earlier = [],
}: RolloutState): readonly Revision[] {
  return [revision, ...(previous === null ? [] : [previous]), ...earlier];
}

/** Rejects the rollout's revision for good and returns to the one completed before, if there is any. */
export function returnToPrevious(
  state: RolloutState,
  facts: Facts,
): RolloutState | null {
  const revision = undoTarget(state);
  if (revision === null) return null;
  const rejected = [...state.rejected, state.revision].slice(-maxRejected);
  const start = { revision, spec: state.spec, returning: true };
  return startGeneration({ ...state, rejected }, start, facts);
}
