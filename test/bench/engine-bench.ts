import { digestOf } from "@wheelhouse/assignment";
import { type Rollout, type WaveSpec } from "@wheelhouse/fleet-model";
import {
  type ClusterFact,
  type RolloutInput,
  type RolloutState,
  type Target,
  step,
} from "@wheelhouse/rollout";
import { type Figure } from "./figure.ts";

const bundlesPerCluster = 10;
const samples = 9;

const wave: WaveSpec = {
  ...{ name: "all", clusterSelector: {}, minReadyMs: 30_000, soakMs: 0 },
  maxConcurrency: { kind: "percent", percent: 25 },
  maxUnavailable: { kind: "percent", percent: 25 },
  maxFailures: { kind: "percent", percent: 100 },
  ...{ offline: "wait", approval: "auto", progressDeadlineMs: 1_800_000 },
};

const spec: Rollout = {
  name: "default",
  waves: [
    {
      ...wave,
      name: "canary",
      clusterSelector: { matchLabels: { ring: "0" } },
    },
    { ...wave, name: "rest" },
  ],
  ...{ clustersNotMatched: "lastWave", compileErrors: "block" },
  onFailure: "pause",
};

const revisionOf = (number: number) => ({
  commit: String(number).repeat(40),
  lock: digestOf("lock"),
});

function targetAt(number: number): Target {
  return {
    root: digestOf(`root ${number}`),
    revision: revisionOf(number),
    bundles: Array.from({ length: bundlesPerCluster }, (_, index) => ({
      name: `Kustomization/flux-system/app-${index}`,
      digest: digestOf(`${number} ${index}`),
      dependsOn: index === 0 ? [] : [`Kustomization/flux-system/app-0`],
      timeoutMs: 300_000,
    })),
  };
}

/** How a cluster stands between two steps. */
interface Seat {
  readonly fact: ClusterFact;
}

/** A fleet that does at once what it is issued, and is heard of at every step. */
class InstantFleet {
  state: RolloutState | null = null;
  #seats: Seat[];
  #seq = 0;
  #nowMs = 0;
  #head: RolloutInput["head"] = null;
  #target: Target | null = null;

  constructor(size: number) {
    this.#seats = Array.from({ length: size }, (_, index) => ({
      fact: {
        name: `edge-${String(index).padStart(5, "0")}`,
        labels: { ring: index % 10 === 0 ? "0" : "1" },
        ...{ joined: true, suspended: false, heardAgoMs: 1_000 },
        ...{ acknowledged: null, issued: null, issuedConfirmed: false },
        ...{ report: null, target: null, completedTarget: null },
      },
    }));
  }

  commit(number: number): void {
    this.#target = targetAt(number);
    this.#head = { revision: revisionOf(number), spec, newProblems: [] };
  }

  /** One step with its effects carried out; gives how much of a core the decision took, in ms: what else the machine does is not in it. */
  step(): number {
    this.#nowMs += 10_000;
    const target = this.#target;
    const input: RolloutInput = {
      head: this.#head,
      targetsAt: target?.revision ?? null,
      clusters: this.#seats.map(({ fact }) => ({ ...fact, target })),
      command: null,
    };
    const before = process.cpuUsage();
    const result = step(this.state, input, {
      monotonicMs: this.#nowMs,
      iso: "",
    });
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1_000;
    this.state = result.state;
    const confirmed = new Set<string>();
    const issued = new Set<string>();
    for (const effect of result.effects) {
      if (effect.kind === "confirm") confirmed.add(effect.cluster);
      if (effect.kind === "issue") issued.add(effect.cluster);
    }
    this.#seats = this.#seats.map(({ fact }) => {
      if (issued.has(fact.name) && target !== null) {
        return { fact: this.#take(fact, target) };
      }
      if (!confirmed.has(fact.name)) return { fact };
      return { fact: { ...fact, issuedConfirmed: true } };
    });
    return tookMs;
  }

  #take(fact: ClusterFact, target: Target): ClusterFact {
    this.#seq += 1;
    const version = { epoch: 1, seq: this.#seq };
    const mark = { ...version, root: target.root };
    return {
      ...fact,
      issued: { ...version, ...target },
      issuedConfirmed: false,
      acknowledged: mark,
      report: {
        ...mark,
        session: "s",
        bundles: target.bundles.map(({ name, digest }) => ({
          ...{ name, digest, applied: digest },
          ...{ ready: true, failed: false, message: "" },
        })),
      },
    };
  }
}

/** The slowest step of whole rollouts to a second commit, and the middle one of a fleet at rest, in ms. */
function measure(size: number): { worstMs: number; restMs: number } {
  const worst: number[] = [];
  let rest: number[] = [];
  for (let sample = 0; sample < 3; sample += 1) {
    const fleet = new InstantFleet(size);
    const took: number[] = [];
    for (const number of [1, 2]) {
      fleet.commit(number);
      took.length = 0;
      do took.push(fleet.step());
      while (fleet.state?.phase !== "Completed" && took.length < 200);
    }
    worst.push(Math.max(...took));
    rest = Array.from({ length: samples }, () => fleet.step());
  }
  return { worstMs: Math.min(...worst), restMs: middle(rest) };
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** One decision of the rollout engine for 1,000 and 10,000 clusters of ten bundles: at rest, and the slowest of a whole rollout. */
export function benchEngine(
  progress: (text: string) => void,
): Promise<Figure[]> {
  const bench = "engine";
  const [small, large] = [1_000, 10_000].map((size) => {
    progress(`engine: ${size} clusters`);
    return measure(size);
  });
  const figures: Figure[] = [];
  const add = (name: string, value: number, atMost?: number) =>
    figures.push({
      ...{ bench, name, value, unit: "ms" },
      ...(atMost === undefined ? {} : { atMost }),
    });
  add("1,000 clusters, slowest step of a rollout", small?.worstMs ?? 0);
  add("10,000 clusters, at rest", large?.restMs ?? 0, 50);
  add("10,000 clusters, slowest step of a rollout", large?.worstMs ?? 0, 50);
  return Promise.resolve(figures);
}
