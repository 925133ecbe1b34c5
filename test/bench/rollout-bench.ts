import { createSimulatedClusters } from "@wheelhouse/local-fleet";
import { median, withBenchFleet } from "./bench-fleet.ts";
import { type Figure } from "./figure.ts";

const bundles = 5;
const repeats = 3;

/** Commit to last Ready, for 1, 10 and 50 simulated clusters with five bundles each. */
export async function benchRollout(
  progress: (text: string) => void,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const clusters of [1, 10, 50]) {
    progress(`rollout: ${clusters} simulated clusters`);
    const seconds = await withBenchFleet(
      {
        clusters,
        bundles,
        makeCluster: (directory) =>
          Promise.resolve(createSimulatedClusters(directory, 50)),
      },
      async ({ commit }) => {
        const times: number[] = [];
        for (let run = 0; run < repeats; run += 1) {
          times.push(await commit([0, 1, 2, 3, 4]));
        }
        return median(times);
      },
    );
    figures.push({
      bench: "rollout",
      name: `commit to last Ready, ${clusters} clusters × ${bundles} bundles`,
      value: seconds,
      unit: "s",
    });
  }
  return figures;
}
