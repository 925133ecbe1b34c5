import { type RolloutStage, type WaveView } from "@wheelhouse/rest-api";

/** The facts that a cluster passes one after the other; each is known apart. */
export const stageTrack = [
  "issued",
  "acknowledged",
  "applied",
  "ready",
  "confirmed",
] as const;

/** How many of the five facts a stage has behind it; an unchanged cluster has nothing to pass and counts as done. */
export function stageProgress(stage: RolloutStage): number {
  if (stage === "unchanged") return stageTrack.length;
  return stageTrack.findIndex((name) => name === stage) + 1;
}

const stageWords: Readonly<Record<RolloutStage, string>> = {
  waiting: "waiting",
  issued: "issued",
  acknowledged: "acknowledged",
  applied: "applied",
  ready: "Ready",
  confirmed: "confirmed",
  unchanged: "unchanged",
  failed: "failed",
  skipped: "skipped",
  offline: "offline",
  suspended: "suspended",
  held: "held",
};

/** A stage as people write it. */
export function stageWord(stage: RolloutStage): string {
  return stageWords[stage];
}

/** What needs a person first, then what moves, then what waits, then what is done. */
const stageOrder: readonly RolloutStage[] = [
  "failed",
  "held",
  "offline",
  "suspended",
  "issued",
  "acknowledged",
  "applied",
  "ready",
  "waiting",
  "skipped",
  "confirmed",
  "unchanged",
];

/** A wave's clusters, those that a person looks for first at the top. */
export function sortByStage(
  clusters: WaveView["clusters"],
): WaveView["clusters"] {
  return [...clusters].sort(
    (a, b) => stageOrder.indexOf(a.stage) - stageOrder.indexOf(b.stage),
  );
}

/** Clusters of a wave at each stage, in the same order, without stages that none is at. */
export function tallyStages(
  clusters: WaveView["clusters"],
): readonly { readonly stage: RolloutStage; readonly clusters: number }[] {
  return stageOrder
    .map((stage) => ({
      stage,
      clusters: clusters.filter((cluster) => cluster.stage === stage).length,
    }))
    .filter(({ clusters: number }) => number > 0);
}
