import { setTimeout as delay } from "node:timers/promises";
import { median } from "../bench-fleet.ts";
import { type Figure } from "../figure.ts";
import { type BenchCluster } from "./bench-cluster.ts";
import {
  type BenchBundle,
  bundleObjects,
  makeBundle,
  spokeBenchNamespace,
} from "./bench-bundle.ts";
import {
  type SpokeRequest,
  countPurposes,
  requestsBetween,
  shareTime,
} from "./request-log.ts";

/** Events, collection and the controllers of the round before are over by then. */
const calmMs = 500;

/** What one assignment took. */
interface Round {
  readonly seconds: number;
  readonly spokeCpu: number;
  readonly apiServerCpu: number;
  readonly requests: readonly SpokeRequest[];
  readonly shares: ReadonlyMap<string, number>;
}

/** The bundles of a bench at their versions, and what they become. */
export class BundleSet {
  readonly #bench: BenchCluster;
  #bundles: readonly BenchBundle[] = [];
  #version = 0;

  constructor(bench: BenchCluster) {
    this.#bench = bench;
  }

  /** Assigns so many bundles, those from `first` to `end` in a new version. */
  async assign(
    count: number,
    changed: { readonly first: number; readonly end: number },
  ): Promise<Round> {
    this.#version += 1;
    this.#bundles = Array.from({ length: count }, (_, index) => {
      const isChanged = index >= changed.first && index < changed.end;
      const before = this.#bundles[index];
      return isChanged || before === undefined ? this.#make(index) : before;
    });
    return measure(this.#bench, this.#bundles);
  }

  #make(index: number): BenchBundle {
    return makeBundle(
      `app-${String(index).padStart(4, "0")}`,
      bundleObjects(index, this.#version, spokeBenchNamespace),
    );
  }
}

/** Assigns bundles and takes the measure of it. */
export async function measure(
  bench: BenchCluster,
  bundles: readonly BenchBundle[],
): Promise<Round> {
  await delay(calmMs);
  const before = bench.cpu();
  const { begunMs, readyMs } = await bench.hub.assign(bundles);
  const after = bench.cpu();
  await delay(calmMs);
  const events = await bench.plane.readAudit();
  const requests = requestsBetween(events, begunMs, readyMs + calmMs);
  return {
    requests,
    seconds: (readyMs - begunMs) / 1_000,
    spokeCpu: after.spoke - before.spoke,
    apiServerCpu: after.apiServer - before.apiServer,
    shares: shareTime(requests, begunMs, readyMs),
  };
}

/** Turns at each size: all changed, and one changed, next to kubectl with all changed. */
function turnsOf(size: number): number {
  return size >= 1_000 ? 2 : 5;
}

/** All changed and one changed at one size, turn by turn with kubectl, so that both meet the same machine. */
export async function benchSize(
  bench: BenchCluster,
  set: BundleSet,
  size: number,
): Promise<Figure[]> {
  const theirs: number[] = [];
  const all: Round[] = [];
  const one: Round[] = [];
  await bench.applyWithKubectl(size, 0);
  const first = await set.assign(size, { first: 0, end: size });
  for (let turn = 1; turn <= turnsOf(size); turn += 1) {
    theirs.push(await bench.applyWithKubectl(size, turn));
    all.push(await set.assign(size, { first: 0, end: size }));
    const changed = turn % size;
    one.push(await set.assign(size, { first: changed, end: changed + 1 }));
  }
  return [
    ...sizeFigures(size, first, theirs, all),
    ...oneFigures(size, one),
    ...(size === 100 ? breakdown("100 bundles, all changed", all) : []),
  ];
}

function sizeFigures(
  size: number,
  first: Round,
  theirs: readonly number[],
  all: readonly Round[],
): Figure[] {
  const objects = size * 4;
  const what = `${size} ${size === 1 ? "bundle" : "bundles"}`;
  const kubectl = median(theirs);
  const seconds = median(all.map((round) => round.seconds));
  const cpu = median(all.map((round) => round.spokeCpu));
  const figure = (
    name: string,
    value: number,
    unit: string,
    goal: Pick<Figure, "atMost"> = {},
  ): Figure => ({ bench: "spoke", name, value, unit, ...goal });
  return [
    figure(`kubectl apply --server-side, ${what}, all changed`, kubectl, "s"),
    figure(`assignment to Ready, ${what}, first apply`, first.seconds, "s"),
    figure(`assignment to Ready, ${what}, all changed`, seconds, "s"),
    figure(
      "  as a multiple of kubectl's time",
      seconds / kubectl,
      "x",
      size === 100 ? { atMost: 1 } : {},
    ),
    figure(
      "  requests per object",
      median(all.map((round) => round.requests.length)) / objects,
      "per object",
    ),
    figure("  CPU of the spoke", cpu, "s", size === 100 ? { atMost: 1 } : {}),
    figure(
      "  CPU of the API server",
      median(all.map((round) => round.apiServerCpu)),
      "s",
    ),
  ];
}

function oneFigures(size: number, one: readonly Round[]): Figure[] {
  const what = `${size} ${size === 1 ? "bundle" : "bundles"}`;
  const figures: Figure[] = [
    {
      bench: "spoke",
      name: `assignment to Ready, ${what}, one changed`,
      value: median(one.map((round) => round.seconds)),
      unit: "s",
      ...(size >= 100 ? { atMost: 0.1 } : {}),
    },
    {
      bench: "spoke",
      name: "  requests",
      value: median(one.map((round) => round.requests.length)),
      unit: "count",
    },
  ];
  return size === 1 ? figures : [...figures, ...breakdown("", one)];
}

/** Where the time of the middle round went. */
function breakdown(what: string, rounds: readonly Round[]): Figure[] {
  const ordered = [...rounds].sort((a, b) => a.seconds - b.seconds);
  const middle = ordered[Math.floor(ordered.length / 2)];
  if (middle === undefined) return [];
  const counts = new Map<string, number>(countPurposes(middle.requests));
  return [...middle.shares].map(([name, milliseconds]) => {
    const count = counts.get(name);
    const requests = count === undefined ? "" : ` (${count} requests)`;
    return {
      bench: "spoke",
      name: `    ${what === "" ? "" : `${what}: `}${name}${requests}`,
      value: milliseconds,
      unit: "ms",
    };
  });
}
