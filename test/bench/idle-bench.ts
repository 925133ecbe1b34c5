import { setTimeout as delay } from "node:timers/promises";
import {
  type LocalCluster,
  askKube,
  createSimulatedClusters,
} from "@wheelhouse/local-fleet";
import { withBenchFleet } from "./bench-fleet.ts";
import { CountingProxy } from "./counting-proxy.ts";
import { type Figure } from "./figure.ts";
import { benchNamespace } from "./fleet-files.ts";
import { cpuSecondsOf, residentMegabytesOf } from "./process-figures.ts";

/** What is measured while nothing happens. */
const idleMs = 60_000;
/** Join, first apply and garbage of the start are over by then. */
const calmMs = 5_000;
const manySpokes = 50;

/** What a spoke costs at rest, and what each spoke costs the hub. */
export async function benchIdle(
  progress: (text: string) => void,
): Promise<Figure[]> {
  progress("idle: one spoke for a minute");
  const one = await measureOne();
  progress(`idle: a hub with ${manySpokes} spokes`);
  const many = await hubMemory(manySpokes);
  return [
    ...one.figures,
    {
      bench: "idle",
      name: "hub RSS with one spoke",
      value: one.hubMegabytes,
      unit: "MB",
    },
    {
      bench: "idle",
      name: `hub RSS per spoke, from 1 to ${manySpokes}`,
      value: ((many - one.hubMegabytes) * 1024) / (manySpokes - 1),
      unit: "KB",
    },
  ];
}

async function measureOne() {
  const proxy = await CountingProxy.start();
  try {
    return await withBenchFleet(
      {
        clusters: 1,
        bundles: 20,
        makeCluster: (directory) =>
          Promise.resolve(createSimulatedClusters(directory, 50)),
        redirect: (invitation) => ({
          ...invitation,
          hubAddress: proxy.standFor(invitation.hubAddress),
        }),
      },
      async ({ fleet }) => {
        const spoke = fleet.pidOf("spoke-c-0") ?? 0;
        const hub = fleet.pidOf("hub") ?? 0;
        const [cluster] = fleet.clusters.values();
        await delay(calmMs);
        const cpu = cpuSecondsOf(spoke);
        const bytes = proxy.bytes;
        const writes = (await cluster?.countSpokeWrites()) ?? NaN;
        await delay(idleMs);
        const figures: Figure[] = [
          {
            bench: "idle",
            name: "spoke RSS, 20 bundles of 4 objects",
            value: residentMegabytesOf(spoke),
            unit: "MB",
          },
          {
            bench: "idle",
            name: "spoke CPU per idle minute",
            value: cpuSecondsOf(spoke) - cpu,
            unit: "s",
          },
          {
            bench: "idle",
            name: "bytes on the link per idle minute, both ways",
            value: (proxy.bytes - bytes) / 1024,
            unit: "KB",
          },
          {
            bench: "idle",
            name: "writes of the spoke per idle minute",
            value: ((await cluster?.countSpokeWrites()) ?? NaN) - writes,
            unit: "count",
            atMost: 0,
          },
        ];
        if (cluster !== undefined) figures.push(await measureDrift(cluster));
        return { figures, hubMegabytes: residentMegabytesOf(hub) };
      },
    );
  } finally {
    proxy.stop();
  }
}

const edits = 10;
const nameOf = (turn: number) => `app-${String(turn).padStart(3, "0")}`;
const pathOf = (turn: number) =>
  `/api/v1/namespaces/${benchNamespace}/services/${nameOf(turn)}`;

/** From an edit of a live object until our value is back in the API server, the worst of some. Each of another object: who edits one again and again is taken for a fighting controller, and waited for. */
async function measureDrift(cluster: LocalCluster): Promise<Figure> {
  const times: number[] = [];
  for (let turn = 0; turn < edits; turn += 1) {
    const began = process.hrtime.bigint();
    await askKube(cluster.access, pathOf(turn), {
      spec: { selector: { app: "edited" } },
    });
    while (!(await isHealed(cluster, turn))) await delay(5);
    times.push(Number(process.hrtime.bigint() - began) / 1e9);
  }
  return {
    bench: "idle",
    name: `drift: edit to healed, the worst of ${edits}`,
    value: Math.max(...times),
    unit: "s",
    atMost: 1,
  };
}

async function isHealed(cluster: LocalCluster, turn: number): Promise<boolean> {
  const live = (await askKube(cluster.access, pathOf(turn))) as {
    spec: { selector: { app: string } };
  };
  return live.spec.selector.app === nameOf(turn);
}

function hubMemory(clusters: number): Promise<number> {
  return withBenchFleet(
    {
      clusters,
      bundles: 20,
      makeCluster: (directory) =>
        Promise.resolve(createSimulatedClusters(directory, 50)),
    },
    async ({ fleet }) => {
      await delay(calmMs);
      return residentMegabytesOf(fleet.pidOf("hub") ?? 0);
    },
  );
}
