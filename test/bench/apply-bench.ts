import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { createRealClusters } from "@wheelhouse/local-fleet";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import {
  type BenchFleet,
  median,
  withBenchFleet,
  writeManifests,
} from "./bench-fleet.ts";
import { type Figure } from "./figure.ts";

const run = promisify(execFile);
const bundles = 100;
const repeats = 3;

/** 100 bundles of four objects on one real API server, next to kubectl with the same 400 objects on the same server. */
export async function benchApply(
  progress: (text: string) => void,
): Promise<Figure[]> {
  const { kubectl } = await ensureTools(["kubectl"], {
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  });
  progress("apply: 100 bundles on one real API server");
  return withBenchFleet(
    {
      clusters: 1,
      bundles,
      makeCluster: (directory) => createRealClusters(directory, process.stderr),
    },
    (bench) => measure(bench, kubectl, progress),
  );
}

async function measure(
  bench: BenchFleet,
  kubectl: string,
  progress: (text: string) => void,
): Promise<Figure[]> {
  const all = Array.from({ length: bundles }, (_, bundle) => bundle);
  const theirs: number[] = [];
  const ours: number[] = [];
  const one: number[] = [];
  await applyWithKubectl(bench, kubectl, 1);
  // Turn by turn, so that both meet the same machine.
  for (let turn = 0; turn < repeats; turn += 1) {
    progress(`apply: turn ${turn + 1} of ${repeats}`);
    theirs.push(await applyWithKubectl(bench, kubectl, turn + 2));
    ours.push(await bench.commit(all));
    one.push(await bench.commit([turn]));
  }
  const kubectlSeconds = median(theirs);
  const allSeconds = median(ours);
  return [
    {
      bench: "apply",
      name: "kubectl apply --server-side, 400 objects, all changed",
      value: kubectlSeconds,
      unit: "s",
    },
    {
      bench: "apply",
      name: "commit to last Ready, 100 bundles, all changed",
      value: allSeconds,
      unit: "s",
    },
    {
      bench: "apply",
      name: "the same, as a multiple of kubectl's time",
      value: allSeconds / kubectlSeconds,
      unit: "x",
      atMost: 3,
    },
    {
      bench: "apply",
      name: "commit to last Ready, 100 bundles, one changed",
      value: median(one),
      unit: "s",
      atMost: 1,
    },
  ];
}

/** Seconds that kubectl takes for the same objects in a namespace of its own. */
async function applyWithKubectl(
  { fleet }: BenchFleet,
  kubectl: string,
  version: number,
): Promise<number> {
  const [cluster] = fleet.clusters.values();
  if (cluster === undefined) throw new Error("no cluster");
  const file = join(fleet.directory, "kubectl.yaml");
  const namespace = "bench-kubectl";
  const kube = (...args: string[]) =>
    run(kubectl, ["--kubeconfig", cluster.kubeconfigPath, ...args], {
      maxBuffer: 64 * 2 ** 20,
    });
  if (version === 1) await kube("create", "namespace", namespace);
  writeManifests(file, bundles, version);
  const began = process.hrtime.bigint();
  await kube("apply", "--server-side", "-n", namespace, "-f", file);
  return Number(process.hrtime.bigint() - began) / 1e9;
}
