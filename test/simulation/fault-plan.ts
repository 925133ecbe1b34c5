import {
  type CountOrPercent,
  type Rollout,
  type WaveSpec,
} from "@wheelhouse/fleet-model";
import { type Flavour } from "./fleet-repo.ts";
import { type MessageFaults, noMessageFaults } from "./network.ts";
import { type Random, randomOf } from "./random.ts";

/** What befalls the fleet at a moment. */
export type FaultKind =
  | "cut"
  | "halfCut"
  | "refuse"
  | "spokeCrash"
  | "spokeHang"
  | "twin"
  | "clone"
  | "spokeRestore"
  | "hubCrash"
  | "hubLoss"
  | "hubHang"
  | "twoHubs"
  | "hubRestore"
  | "commit"
  | "pause"
  | "resume"
  | "abort"
  | "undo"
  | "attend"
  | "join";

/** One thing that befalls the fleet. */
export interface FaultEvent {
  /** Its number in the plan: by it a shrunk plan names what it keeps. */
  readonly id: number;
  readonly atMs: number;
  readonly kind: FaultKind;
  /** Which cluster, counted from 0; 0 where it is about none. */
  readonly cluster: number;
  readonly lastMs: number;
  readonly flavour: Flavour;
}

/** All that a seed decides before anything happens. */
export interface Plan {
  readonly seed: number;
  readonly size: number;
  readonly stagingSize: number;
  readonly rollout: Rollout;
  readonly messages: MessageFaults;
  readonly events: readonly FaultEvent[];
  /** When faults cease. */
  readonly calmMs: number;
}

const kinds: readonly (readonly [FaultKind, number])[] = [
  ["cut", 6],
  ["halfCut", 3],
  ["refuse", 3],
  ["spokeCrash", 3],
  ["spokeHang", 2],
  ["twin", 2],
  ["clone", 1],
  ["spokeRestore", 1],
  ["hubCrash", 2],
  ["hubLoss", 1],
  ["hubHang", 1],
  ["twoHubs", 1],
  ["hubRestore", 1],
  ["pause", 1],
  ["resume", 2],
  ["abort", 1],
  ["undo", 1],
  ["join", 1],
];

/** Draws a plan: a random subset of the kinds of faults, and each of them a few times. */
export function planOf(seed: number): Plan {
  const random = randomOf(seed, "plan");
  const size = sizeOf(random);
  const calmMs = random.whole(150, 350) * 1_000;
  const drawn: Omit<FaultEvent, "id">[] = [];
  const add = (kind: FaultKind, flavour: Flavour = "good") =>
    drawn.push({
      ...{ kind, flavour, atMs: random.whole(5_000, calmMs) },
      cluster: random.whole(0, size - 1),
      lastMs: random.chance(0.6)
        ? random.whole(1_000, 30_000)
        : random.whole(40_000, 120_000),
    });
  for (const [kind, weight] of kinds) {
    if (!random.chance(0.45)) continue;
    for (let n = random.whole(1, weight + 1); n > 0; n -= 1) add(kind);
  }
  const flavours: Flavour[] = [
    "good",
    "good",
    "slow",
    "never",
    "fails",
    "unchanged",
    "partial",
    "shrunk",
    "problem",
    "back",
  ];
  for (let n = random.whole(1, 5); n > 0; n -= 1)
    add("commit", random.pick(flavours));
  for (let n = random.whole(2, 8); n > 0; n -= 1) add("attend");
  drawn.sort((a, b) => a.atMs - b.atMs);
  return {
    ...{
      seed,
      size,
      calmMs,
      stagingSize: Math.max(1, Math.floor(size * 0.25)),
    },
    rollout: rolloutOf(random, size),
    messages: messagesOf(random),
    events: drawn.map((event, id) => ({ ...event, id })),
  };
}

/** Mostly few clusters: what goes wrong in a fleet goes wrong in a small one, and that is quick to run. */
function sizeOf(random: Random): number {
  if (random.chance(0.003)) return random.whole(100, 500);
  return random.chance(0.08) ? random.whole(17, 50) : random.whole(10, 16);
}

function messagesOf(random: Random): MessageFaults {
  const some = (p: number, most: number) =>
    random.chance(p) ? random.next() * most : 0;
  return {
    ...noMessageFaults,
    drop: some(0.3, 0.1),
    duplicate: some(0.3, 0.1),
    reorder: some(0.3, 0.1),
    slowMs: random.chance(0.4) ? random.whole(200, 20_000) : 0,
  };
}

const counts: readonly CountOrPercent[] = [
  { kind: "count", count: 1 },
  { kind: "count", count: 2 },
  { kind: "percent", percent: 10 },
];
const parts: readonly CountOrPercent[] = [
  { kind: "percent", percent: 25 },
  { kind: "percent", percent: 50 },
];

function rolloutOf(random: Random, size: number): Rollout {
  const budgets = size > 16 ? parts : [...counts, ...parts];
  const maxConcurrency = random.pick(budgets);
  const shared = {
    minReadyMs: random.pick([2_000, 5_000, 10_000]),
    maxConcurrency,
    maxUnavailable: random.chance(0.6) ? maxConcurrency : random.pick(budgets),
    maxFailures: { kind: "count", count: random.chance(0.3) ? 1 : 0 },
    progressDeadlineMs: random.pick([60_000, 120_000, 600_000]),
  } as const;
  const waves: WaveSpec[] = [
    {
      ...shared,
      name: "staging",
      clusterSelector: { matchLabels: { env: "staging" } },
      offline: random.pick(["wait", "wait", "skip", "count"]),
      soakMs: random.pick([0, 10_000, 20_000]),
      approval: "auto",
    },
    {
      ...shared,
      name: "production",
      clusterSelector: { matchLabels: { env: "production" } },
      offline: random.pick(["wait", "wait", "skip", "count"]),
      soakMs: random.pick([0, 0, 15_000]),
      approval: random.chance(0.3) ? "manual" : "auto",
    },
  ];
  return {
    name: "default",
    waves,
    clustersNotMatched: "lastWave",
    compileErrors: random.pick(["block", "block", "continue"]),
    onFailure: random.pick(["pause", "rollback", "continue"]),
  };
}
