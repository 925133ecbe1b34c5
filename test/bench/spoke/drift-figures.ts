import {
  type KubeAccess,
  askKube,
  kubeAccessOf,
} from "@wheelhouse/local-fleet";
import { setTimeout as delay } from "node:timers/promises";
import { type Figure } from "../figure.ts";
import { spokeBenchNamespace } from "./bench-bundle.ts";
import { type BenchCluster } from "./bench-cluster.ts";
import { now } from "./thin-hub.ts";

/** Live objects are edited one after the other, each of another bundle: who edits one again and again is waited for. */
export async function benchDrift(
  bench: BenchCluster,
  size: number,
): Promise<Figure[]> {
  const access = kubeAccessOf(bench.plane.kubeconfig());
  const seen: number[] = [];
  const healed: number[] = [];
  for (let index = 0; index < size; index += 1) {
    const times = await editOne(bench, access, index);
    seen.push(times.seenMs / 1_000);
    healed.push(times.healedMs / 1_000);
  }
  const figure = (what: string, values: readonly number[], atMost: number) => [
    {
      bench: "spoke",
      name: `drift of ${size} objects, edit to ${what}: p50`,
      value: percentile(values, 0.5),
      unit: "s",
    },
    {
      bench: "spoke",
      name: `drift of ${size} objects, edit to ${what}: p99`,
      value: percentile(values, 0.99),
      unit: "s",
      atMost,
    },
  ];
  return [
    ...figure("known at the hub", seen, 1),
    ...figure("healed", healed, 2),
  ];
}

async function editOne(bench: BenchCluster, access: KubeAccess, index: number) {
  const name = `app-${String(index).padStart(4, "0")}`;
  const path = `/api/v1/namespaces/${spokeBenchNamespace}/services/${name}`;
  const isSeen = bench.hub.until(({ drift }) =>
    drift.some(
      ({ object }) => object.kind === "Service" && object.name === name,
    ),
  );
  const began = now();
  await askKube(access, path, { spec: { selector: { app: "edited" } } });
  const [seenMs, healedMs] = await Promise.all([
    isSeen.then(() => now() - began),
    whenHealed(access, path, name).then(() => now() - began),
  ]);
  return { seenMs, healedMs };
}

async function whenHealed(access: KubeAccess, path: string, name: string) {
  for (;;) {
    const live = (await askKube(access, path)) as {
      spec: { selector: { app: string } };
    };
    if (live.spec.selector.app === name) return;
    await delay(5);
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[at] ?? NaN;
}
