import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Figure } from "../figure.ts";
import { peakMegabytesOf, residentMegabytesOf } from "../process-figures.ts";
import {
  bulkObjects,
  bundleObjects,
  makeBundle,
  spokeBenchNamespace,
} from "./bench-bundle.ts";
import { type BenchCluster } from "./bench-cluster.ts";
import { requestsBetween } from "./request-log.ts";
import { now } from "./thin-hub.ts";

const idleMs = 60_000;
/** What the last assignment left to do is over by then. */
const calmMs = 10_000;
/** Kinds that the bundles of this bench are of. */
const ownedKinds = 4;

const reads: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** What a spoke with so many bundles costs in a minute in which nothing happens. */
export async function benchRest(
  bench: BenchCluster,
  size: number,
): Promise<Figure[]> {
  await delay(calmMs);
  const from = now();
  const before = bench.cpu();
  await delay(idleMs);
  const spokeCpu = bench.cpu().spoke - before.spoke;
  const megabytes = residentMegabytesOf(bench.spokePid);
  const events = await bench.plane.readAudit();
  const ours = events.filter(
    ({ user, requestReceivedTimestamp, stageTimestamp, verb }) =>
      user.username === "spoke" &&
      // A watch is logged when it ends, and another one begins.
      Date.parse(
        verb === "watch" ? stageTimestamp : requestReceivedTimestamp,
      ) >= from,
  );
  const figure = (
    name: string,
    value: number,
    unit: string,
    atMost: number,
  ): Figure => ({
    bench: "spoke",
    name: `idle, ${size} bundles: ${name}`,
    value,
    unit,
    atMost,
  });
  return [
    figure(
      "writes per minute",
      ours.filter(({ verb }) => !reads.has(verb)).length,
      "count",
      0,
    ),
    figure("requests per minute", ours.length, "count", 2 + ownedKinds / 4),
    figure("CPU of the spoke per minute", spokeCpu, "s", 0.12),
    figure("RSS of the spoke", megabytes, "MB", 75),
  ];
}

/** The most memory that the spoke takes while it applies 5,000 objects, all of them new or changed, and what it keeps. */
export async function benchMemory(bench: BenchCluster): Promise<Figure[]> {
  const bundles = [
    ...Array.from({ length: 1_000 }, (_, index) =>
      makeBundle(
        `app-${String(index).padStart(4, "0")}`,
        bundleObjects(index, 1_000, spokeBenchNamespace),
      ),
    ),
    makeBundle("bulk", bulkObjects(1_000, 1)),
  ];
  resetPeak(bench.spokePid);
  const { begunMs, readyMs } = await bench.hub.assign(bundles);
  const peak = peakMegabytesOf(bench.spokePid);
  await delay(calmMs);
  const events = await bench.plane.readAudit();
  const requests = requestsBetween(events, begunMs, readyMs);
  return [
    {
      bench: "spoke",
      name: "assignment to Ready, 5,000 objects, one bundle of them 1,000",
      value: (readyMs - begunMs) / 1_000,
      unit: "s",
    },
    {
      bench: "spoke",
      name: "  requests per object",
      value: requests.length / 5_000,
      unit: "per object",
    },
    {
      bench: "spoke",
      name: "  peak RSS of the spoke meanwhile",
      value: peak,
      unit: "MB",
      atMost: 150,
    },
    {
      bench: "spoke",
      name: "  RSS of the spoke 10 s later",
      value: residentMegabytesOf(bench.spokePid),
      unit: "MB",
      atMost: 100,
    },
  ];
}

/** Lets the kernel forget how much memory a process of ours has taken so far. Linux only. */
function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}
