import {
  type AssignmentVersion,
  type Digest,
  type Revision,
  compareVersions,
  digestOf,
} from "@wheelhouse/assignment";
import { type Rollout, type WaveSpec } from "@wheelhouse/fleet-model";
import { type Labels } from "@wheelhouse/kube-object";
import {
  type BundleFact,
  type ClusterFact,
  type RolloutCommand,
  type RolloutInput,
  type Target,
} from "./rollout-input.ts";
import { type RolloutState } from "./rollout-state.ts";
import {
  type RolloutEffect,
  type RolloutReason,
  type RolloutStep,
} from "./rollout-step.ts";
import { step } from "./step.ts";

/** For specs: a hub that stores what `step` says, and spokes that do as they are told. */

/** For specs: a wave that lets one cluster after another move, without minReady and soak. */
export function exampleWave(wave: Partial<WaveSpec> = {}): WaveSpec {
  return {
    name: "all",
    clusterSelector: {},
    minReadyMs: 0,
    soakMs: 0,
    maxConcurrency: { kind: "count", count: 1 },
    maxUnavailable: wave.maxConcurrency ?? { kind: "count", count: 1 },
    maxFailures: { kind: "count", count: 0 },
    offline: "wait",
    approval: "auto",
    progressDeadlineMs: 1_800_000,
    ...wave,
  };
}

/** For specs: a Rollout with these waves. */
export function exampleRollout(
  waves: readonly WaveSpec[],
  rollout: Partial<Rollout> = {},
): Rollout {
  return {
    name: "default",
    waves,
    clustersNotMatched: "lastWave",
    compileErrors: "block",
    onFailure: "pause",
    ...rollout,
  };
}

/** For specs: a revision by a number, with forty digits of commit. */
export function exampleRevision(number: number, lock = 0): Revision {
  const commit = number.toString(16).padStart(8, "0").repeat(5);
  return { commit, lock: digestOf(`lock ${lock}`) };
}

/** Bundle contents by name; `app` depends on `base`, and `page` on `app`. */
export type Contents = Readonly<Record<string, string>>;

const dependencies: Readonly<Record<string, readonly string[]>> = {
  app: ["base"],
  page: ["app"],
};

/** For specs: a target whose digests follow from contents. */
export function exampleTarget(revision: Revision, contents: Contents): Target {
  const key = `${keyOf(revision)} ${JSON.stringify(contents)}`;
  const known = targets.get(key);
  if (known !== undefined) return known;
  const target = makeTarget(revision, contents);
  targets.set(key, target);
  return target;
}

/** Digests are most of what an example costs. */
const targets = new Map<string, Target>();

function makeTarget(revision: Revision, contents: Contents): Target {
  const bundles = Object.entries(contents).map(([name, content]) => ({
    name,
    digest: digestOf(`${name} ${content}`),
    dependsOn: (dependencies[name] ?? []).filter((d) => d in contents),
    timeoutMs: 180_000,
    suspended: content.startsWith("suspended"),
    held: content.startsWith("held"),
  }));
  const root = digestOf(bundles.map((b) => b.digest).join());
  return { root, revision, bundles };
}

/** How a spoke's bundle fares, where it is not Ready. */
export interface Trouble {
  readonly failed?: boolean;
  readonly applied?: false;
  readonly message?: string;
}

/** One cluster as the example hub and the ground truth know it. */
export interface ExampleCluster {
  readonly name: string;
  labels: Labels;
  joined: boolean;
  suspended: boolean;
  heardAtMs: number | null;
  session: string | null;
  issued: (AssignmentVersion & Target) | null;
  confirmed: boolean;
  /** What the spoke has made durable. */
  held: (AssignmentVersion & Target) | null;
  /** Whether its hello, and its reports, reached this hub's life. */
  hasReported: boolean;
  trouble: Readonly<Record<string, Trouble>>;
}

type ContentsOf = (cluster: ExampleCluster) => Contents | null;

/** For specs: hub and spokes of a small fleet, with time in the hand of the test. */
export class ExampleFleet {
  nowMs = 1_000_000;
  epoch = 1;
  state: RolloutState | null = null;
  head: RolloutInput["head"] = null;
  targetsAt: Revision | null = null;
  completed: Revision | null = null;
  reasons: readonly RolloutReason[] = [];
  input: RolloutInput | null = null;
  spec: Rollout;
  readonly clusters = new Map<string, ExampleCluster>();
  readonly #commits = new Map<string, ContentsOf>();
  #seq = 0;
  #sessions = 0;

  constructor(spec: Rollout) {
    this.spec = spec;
  }

  /** Adds a cluster that has joined and is heard of. */
  join(name: string, labels: Labels = {}): ExampleCluster {
    const cluster: ExampleCluster = {
      name,
      labels,
      joined: true,
      suspended: false,
      heardAtMs: this.nowMs,
      session: this.#newSession(),
      issued: null,
      confirmed: false,
      held: null,
      hasReported: false,
      trouble: {},
    };
    this.clusters.set(name, cluster);
    return cluster;
  }

  /** Lets Git name a revision. */
  commit(
    number: number,
    contents: Contents | ContentsOf,
    options: { newProblems?: readonly string[]; lock?: number } = {},
  ): Revision {
    const revision = exampleRevision(number, options.lock);
    const of = typeof contents === "function" ? contents : () => contents;
    this.#commits.set(keyOf(revision), of as ContentsOf);
    const newProblems = options.newProblems ?? [];
    this.head = { revision, spec: this.spec, newProblems };
    return revision;
  }

  get(name: string): ExampleCluster {
    const cluster = this.clusters.get(name);
    if (cluster === undefined) throw new Error(`${name}: no such cluster`);
    return cluster;
  }

  targetOf(cluster: ExampleCluster, revision: Revision | null): Target | null {
    if (revision === null) return null;
    const contents = this.#commits.get(keyOf(revision))?.(cluster) ?? null;
    return contents === null ? null : exampleTarget(revision, contents);
  }

  factOf(cluster: ExampleCluster): ClusterFact {
    const { name, labels, joined, suspended, issued, confirmed } = cluster;
    const { held, session, heardAtMs } = cluster;
    const hasSession = session !== null && heardAtMs !== null;
    const report =
      hasSession && cluster.hasReported && held !== null
        ? { ...versionOf(held), root: held.root, session }
        : null;
    return {
      name,
      labels,
      joined,
      suspended,
      heardAgoMs: hasSession ? this.nowMs - heardAtMs : null,
      acknowledged:
        hasSession && held !== null
          ? { ...versionOf(held), root: held.root }
          : null,
      issued,
      issuedConfirmed: confirmed,
      report:
        report === null ? null : { ...report, bundles: bundlesOf(cluster) },
      target: this.targetOf(cluster, this.targetsAt),
      completedTarget: this.targetOf(cluster, this.completed),
    };
  }

  inputNow(command: RolloutCommand | null = null): RolloutInput {
    const clusters = [...this.clusters.values()].map((c) => this.factOf(c));
    return { head: this.head, targetsAt: this.targetsAt, clusters, command };
  }

  /** Steps until the targets are those that are wanted, and stores every effect. */
  step(command: RolloutCommand | null = null): RolloutStep {
    const effects: RolloutEffect[] = [];
    let refused: string | null = null;
    let pending = command;
    for (let round = 0; round < 6; round++) {
      this.input = this.inputNow(pending);
      const time = { monotonicMs: this.nowMs, iso: "2030-01-01T00:00:00Z" };
      const result = step(this.state, this.input, time);
      refused ??= result.refused;
      pending = null;
      this.state = result.state;
      this.reasons = result.reasons;
      this.completed = result.completed;
      for (const effect of result.effects) this.store(effect);
      effects.push(...result.effects);
      if (keyOf(result.wants) === keyOf(this.targetsAt)) {
        return { ...result, effects, refused };
      }
      this.targetsAt = result.wants;
    }
    throw new Error("step does not settle on a revision");
  }

  store(effect: RolloutEffect): void {
    if (effect.kind === "note") return;
    const cluster = this.get(effect.cluster);
    if (effect.kind === "confirm") {
      const { issued } = cluster;
      if (issued !== null && compareVersions(issued, effect.version) === 0) {
        cluster.confirmed = true;
      }
      return;
    }
    const target = this.targetOf(cluster, effect.revision);
    if (target === null) throw new Error(`${cluster.name}: nothing to issue`);
    if (cluster.issued?.root === target.root) return;
    this.issue(cluster, target);
  }

  /** Stores an issue, as the hub does for `step` and for a repoint. */
  issue(cluster: ExampleCluster, target: Target): void {
    this.#seq += 1;
    cluster.issued = { ...target, epoch: this.epoch, seq: this.#seq };
    cluster.confirmed = false;
  }

  /** The spoke takes what was issued, and reports all of it. */
  deliver(
    name: string,
    trouble: Readonly<Record<string, Trouble>> = {},
  ): ExampleCluster {
    const cluster = this.get(name);
    if (cluster.issued !== null) cluster.held = cluster.issued;
    cluster.trouble = trouble;
    return this.hear(name);
  }

  /** A heartbeat, and all reports that are due. */
  hear(name: string): ExampleCluster {
    const cluster = this.get(name);
    cluster.session ??= this.#newSession();
    cluster.heardAtMs = this.nowMs;
    cluster.hasReported = true;
    return cluster;
  }

  /** Cuts a cluster's session. */
  cut(name: string): ExampleCluster {
    const cluster = this.get(name);
    cluster.session = null;
    cluster.heardAtMs = null;
    cluster.hasReported = false;
    return cluster;
  }

  /** Lets time pass in steps of at most ten seconds, with every connected cluster heard of. */
  pass(ms: number): RolloutEffect[] {
    const effects: RolloutEffect[] = [];
    for (let left = ms; left > 0; left -= 10_000) {
      this.nowMs += Math.min(10_000, left);
      for (const { name, session } of this.clusters.values()) {
        if (session !== null) this.hear(name);
      }
      effects.push(...this.step().effects);
    }
    return effects;
  }

  /** The hub restarts: what is durable survives as JSON, and sessions do not. */
  restart(): void {
    for (const { name } of this.clusters.values()) this.cut(name);
    if (this.state === null) return;
    const kept = JSON.parse(JSON.stringify(this.state)) as RolloutState;
    this.state = { ...kept, steppedAtMs: null };
  }

  /** The hub loses its rollout, and which issues were confirmed. */
  forget(): void {
    this.restart();
    this.state = null;
    for (const cluster of this.clusters.values()) cluster.confirmed = false;
    for (const { name } of this.clusters.values()) this.hear(name);
  }

  /** Lets everything that was issued become Ready, round by round, until nothing more is issued. */
  settle(): string[] {
    const order: string[] = [];
    for (let round = 0; round < 200; round++) {
      const before = [...this.clusters.values()].filter(
        (c) => c.session !== null && c.held !== c.issued,
      );
      for (const { name } of before) this.deliver(name);
      const issued = issuesOf(this.step().effects);
      order.push(...issued);
      if (before.length === 0 && issued.length === 0) return order;
    }
    throw new Error("the fleet does not settle");
  }

  #newSession(): string {
    this.#sessions += 1;
    return `session-${this.#sessions}`;
  }
}

function keyOf(revision: Revision | null): string {
  return revision === null ? "" : `${revision.commit}@${revision.lock}`;
}

function versionOf({ epoch, seq }: AssignmentVersion): AssignmentVersion {
  return { epoch, seq };
}

function bundlesOf({ held, trouble }: ExampleCluster): BundleFact[] {
  return (held?.bundles ?? []).map(({ name, digest }) => {
    const own = trouble[name];
    const applied: Digest | null = own?.applied === false ? null : digest;
    return {
      name,
      digest,
      applied,
      ready: own === undefined,
      failed: own?.failed === true,
      message: own?.message ?? "",
    };
  });
}

/** For specs: the names that effects issue to, in order. */
export function issuesOf(effects: readonly RolloutEffect[]): string[] {
  return effects.flatMap((e) => (e.kind === "issue" ? [e.cluster] : []));
}

/** For specs: the reasons of the notes among effects. */
export function notesOf(effects: readonly RolloutEffect[]): string[] {
  return effects.flatMap((e) => (e.kind === "note" ? [e.reason] : []));
}

/** For specs: who decides. */
export const exampleActor = { actor: "olivia", at: "2030-01-01T00:00:00Z" };
