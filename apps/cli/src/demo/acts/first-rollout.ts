import { formatSeconds } from "../seconds.ts";
import { isConverged, isSettled } from "../fleet-facts.ts";
import { type Scene, clusterNames, joinClusters, until } from "../scene.ts";

/** Act 1. Returns the time from the start to the first Ready cluster, ms. */
export async function playFirstRollout(
  scene: Scene,
  startedMs: number,
): Promise<number> {
  const { narrator } = scene;
  narrator.act(
    "The first rollout",
    "Three clusters join the hub. Each gets what Git says, in dependency order, wave by wave.",
  );
  let firstReadyMs: number | undefined;
  const firstReady = until(scene, "the first cluster is Ready", (view) =>
    view.clusters.some(isConverged),
  ).then(() => {
    firstReadyMs = Date.now() - startedMs;
  });
  await Promise.all([firstReady, joinClusters(scene, clusterNames)]);
  await until(scene, "all three run the first commit", isSettled);
  firstReadyMs ??= Date.now() - startedMs;
  narrator.conclude(
    `All three run it, staging first; the first cluster was Ready ${formatSeconds(firstReadyMs)} after the start.`,
  );
  return firstReadyMs;
}
