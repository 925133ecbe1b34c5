import { type Figure } from "../figure.ts";
import { BundleSet, benchSize } from "./apply-sizes.ts";
import { type BenchCluster, withBenchCluster } from "./bench-cluster.ts";
import { benchDrift } from "./drift-figures.ts";
import { benchMemory, benchRest } from "./rest-figures.ts";

/** Bundles that the spoke has while it rests, and while drift is healed. */
const restSize = 100;

/** The spoke's engine on one real API server, fed by a thin hub, next to kubectl with the same objects in the same run. */
export async function benchSpoke(
  progress: (text: string) => void,
  { sizes }: { readonly sizes: readonly number[] },
): Promise<Figure[]> {
  progress("spoke: one real API server");
  return withBenchCluster(async (bench) => {
    const set = new BundleSet(bench);
    const figures: Figure[] = [];
    const small = sizes.filter((size) => size < restSize);
    const large = sizes.filter((size) => size > restSize);
    const runSize = async (size: number) => {
      progress(`spoke: ${size} bundles`);
      figures.push(...(await benchSize(bench, set, size)));
    };
    for (const size of small) await runSize(size);
    if (sizes.includes(restSize)) {
      await runSize(restSize);
      figures.push(...(await atRest(bench, progress)));
    }
    for (const size of large) await runSize(size);
    if (large.includes(1_000)) {
      progress("spoke: 5,000 objects");
      figures.push(...(await benchMemory(bench)));
    }
    return figures;
  });
}

async function atRest(
  bench: BenchCluster,
  progress: (text: string) => void,
): Promise<Figure[]> {
  progress("spoke: a minute of rest");
  const rest = await benchRest(bench, restSize);
  progress("spoke: drift");
  return [...rest, ...(await benchDrift(bench, restSize))];
}
