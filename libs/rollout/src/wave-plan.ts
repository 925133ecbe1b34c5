import { type Rollout, type WaveSpec } from "@wheelhouse/fleet-model";
import {
  type Labels,
  compareBytewise,
  matchesSelector,
} from "@wheelhouse/kube-object";
import { type KnownCluster } from "./known-cluster.ts";
import { type RolloutState, type WaveState } from "./rollout-state.ts";

/** The name of the wave that `clustersNotMatched: immediately` makes; no wave of a Rollout can bear it. */
export const unorderedWaveName = "(not matched)";

const unorderedDefaults: WaveSpec = {
  name: unorderedWaveName,
  clusterSelector: {},
  minReadyMs: 30_000,
  soakMs: 0,
  maxConcurrency: { kind: "percent", percent: 25 },
  maxUnavailable: { kind: "percent", percent: 25 },
  maxFailures: { kind: "count", count: 0 },
  offline: "wait",
  approval: "auto",
  progressDeadlineMs: 1_800_000,
};

/** The index of a cluster's wave: the first that selects it, else as `clustersNotMatched` says; null for none. */
export function waveOf(spec: Rollout, labels: Labels): number | null {
  const first = spec.waves.findIndex(({ clusterSelector }) =>
    matchesSelector(clusterSelector, labels),
  );
  if (first >= 0) return first;
  switch (spec.clustersNotMatched) {
    case "lastWave":
      return spec.waves.length === 0 ? null : spec.waves.length - 1;
    case "immediately":
      return spec.waves.length;
    case "never":
      return null;
  }
}

/** The waves of a generation, with the clusters that have joined, frozen and sorted by name. */
export function planWaves(
  spec: Rollout,
  facts: Iterable<KnownCluster>,
): readonly WaveState[] {
  const names = spec.waves.map(({ name }) => name);
  if (spec.clustersNotMatched === "immediately") names.push(unorderedWaveName);
  const clusters: string[][] = names.map(() => []);
  for (const fact of facts) {
    const wave = waveOf(spec, fact.labels);
    if (wave !== null) clusters[wave]?.push(fact.name);
  }
  return names.map((name, index) => ({
    name,
    clusters: (clusters[index] ?? []).sort(compareBytewise),
    approval: null,
    soakedMs: 0,
    soaking: false,
    completed: false,
  }));
}

/** The spec of a wave by its index; the unordered one has the budgets of the last wave, and neither soak nor approval. */
export function waveSpecOf(spec: Rollout, wave: number): WaveSpec {
  const last = spec.waves[spec.waves.length - 1] ?? unorderedDefaults;
  return (
    spec.waves[wave] ?? {
      ...last,
      name: unorderedWaveName,
      clusterSelector: {},
      soakMs: 0,
      approval: "auto",
    }
  );
}

/** Whether a wave waits for no other and none for it. */
export function isUnordered(spec: Rollout, wave: number): boolean {
  return wave >= spec.waves.length;
}

/** The index of the wave whose turn it is; null where all in order are done. */
export function currentWave(state: RolloutState): number | null {
  const index = state.waves.findIndex(
    ({ completed }, wave) => !completed && !isUnordered(state.spec, wave),
  );
  return index < 0 ? null : index;
}
