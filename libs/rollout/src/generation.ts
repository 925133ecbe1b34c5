import { type Revision } from "@wheelhouse/assignment";
import { type Rollout } from "@wheelhouse/fleet-model";
import { type KnownCluster } from "./known-cluster.ts";
import { createProgress } from "./observation.ts";
import { completedRevision } from "./issue.ts";
import { type Facts } from "./known-cluster.ts";
import { progressOf } from "./membership.ts";
import { type ClusterProgress, type RolloutState } from "./rollout-state.ts";
import { isInFlight } from "./standing.ts";
import { planWaves, waveOf } from "./wave-plan.ts";

/** At most so many rejected revisions are remembered; the oldest go first. */
export const maxRejected = 100;

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
  return {
    name: spec.name,
    generation: (state?.generation ?? 0) + 1,
    revision,
    previous: returning || state === null ? null : completedBase(state),
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
    return { ...wave, clusters: [...wave.clusters, ...names].sort() };
  });
  return { ...state, clusters, waves };
}

/** Rejects the rollout's revision for good and returns to the one completed before, if there is any. */
export function returnToPrevious(
  state: RolloutState,
  facts: Facts,
): RolloutState | null {
  if (state.previous === null) return null;
  const rejected = [...state.rejected, state.revision].slice(-maxRejected);
  const start = { revision: state.previous, spec: state.spec, returning: true };
  return startGeneration({ ...state, rejected }, start, facts);
}
