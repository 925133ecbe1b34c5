import {
  type Json,
  type KubeObject,
  isKubeObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import {
  type ApiCall,
  type ApiFaultProxy,
  type SetFault,
  startApiFaultProxy,
} from "@wheelhouse/testing";
import { expect, vi } from "vitest";
import { type TestCluster } from "../engine/test-cluster.ts";
import { type TestEngine } from "../engine/test-engine.ts";
import { collectingClock, fastClock, usualSpeed } from "./fast-clock.ts";
import {
  inventoryKeys,
  isReady,
  judge,
  keyOf,
  objectsOf,
  readShards,
  within,
} from "./judgement.ts";
import { type Piece, type Step } from "./kill-pieces.ts";
import { changedKeys, kindsOf } from "./write-kinds.ts";

/** A spoke that was killed at a write. */
export interface Death {
  readonly when: "before" | "after";
  /** The write, such as `delete configmaps some-name`; of a shard also the keys of what changes. */
  readonly write: string;
  /** What it was for. */
  readonly kinds: readonly string[];
}

interface Run {
  readonly cluster: TestCluster;
  readonly piece: Piece;
  /** Of the names of all objects. */
  readonly prefix: string;
}

/** How far the lives of a spoke have come, together. */
interface Progress {
  /** Which step of the work is next. */
  step: number;
  /** Whether others have done what they do before it. */
  hasMet: boolean;
}

/** Far more than any piece of work makes: what goes in a circle ends. */
const maxLives = 300;

/**
 * Brings a cluster through a piece of work by one spoke after another: each is
 * killed at the first write at which none was killed yet, once just before the
 * server has it and once just after the server did it, until one is through.
 * Holds all that was written against the invariants, and gives every death.
 */
export async function runKilled(run: Run): Promise<readonly Death[]> {
  const { cluster, piece, prefix } = run;
  const before = piece.before(prefix);
  if (before.length > 0) {
    const first = await cluster.startEngine({ clock: clockOf(piece) });
    for (const [index, step] of before.entries()) {
      await first.assign(step.bundles, { seq: index + 1 });
      await vi.waitFor(() => expectDone(run, first, step), within);
    }
    await first.stop();
  }
  const progress: Progress = { step: 0, hasMet: false };
  const deaths: Death[] = [];
  while (deaths.length < maxLives) {
    const death = await live(run, progress, deaths);
    if (death === undefined) return deaths;
    deaths.push(death);
  }
  throw new Error(`${piece.name}: not through after ${maxLives} lives`);
}

/** One life: from a start to its death, or to the end of the work, which is judged then. */
async function live(
  run: Run,
  progress: Progress,
  deaths: readonly Death[],
): Promise<Death | undefined> {
  const proxy = await startApiFaultProxy(run.cluster.kubeconfig());
  const killer = new Killer(proxy, deaths, await readShards(run.cluster));
  const spoke = new MortalSpoke(run, proxy, killer);
  try {
    const isThrough = await spoke.live(progress);
    if (!isThrough) return killer.death;
    killer.cease();
    await judge(judgedWork(run), spoke.engines);
    return undefined;
  } finally {
    await spoke.end();
    await proxy.close();
  }
}

/** Kills whoever comes to a write at which nobody was killed so yet. */
class Killer {
  readonly #faults: readonly SetFault[];
  readonly #records: Map<string, KubeObject>;
  #death: Death | undefined;

  constructor(
    proxy: ApiFaultProxy,
    deaths: readonly Death[],
    records: ReadonlyMap<string, KubeObject>,
  ) {
    this.#records = new Map(records);
    const times = 1;
    const rule = (when: Death["when"]) => ({
      times,
      fault: { kind: "death", when } as const,
      matches: (call: ApiCall, sent: string) => {
        if (!isWrite(call)) return false;
        const death = this.#deathAt(when, call, sent);
        const isKnown = deaths.some((one) => isSame(one, death));
        if (!isKnown) this.#death = death;
        else if (when === "after") this.#take(call, sent);
        return !isKnown;
      },
    });
    this.#faults = [proxy.set(rule("before")), proxy.set(rule("after"))];
  }

  /** Undefined while nobody was killed. */
  get death(): Death | undefined {
    return this.#death;
  }

  cease(): void {
    for (const fault of this.#faults) fault.cease();
  }

  #deathAt(when: Death["when"], call: ApiCall, text: string): Death {
    const sent = jsonOf(text);
    const { verb, resource } = call;
    const name = call.name || (isKubeObject(sent) ? sent.metadata.name : "");
    const write = { call, sent, records: this.#records };
    const what = [verb, resource, name, ...changedKeys(write)].join(" ");
    return { when, kinds: kindsOf(write), write: what };
  }

  /** What passes is what the next write of the same shard is held against. */
  #take({ name }: ApiCall, text: string): void {
    const sent = jsonOf(text);
    if (this.#records.has(name) && isKubeObject(sent)) {
      this.#records.set(name, sent);
    }
  }
}

function jsonOf(text: string): Json | undefined {
  return text === "" ? undefined : (JSON.parse(text) as Json);
}

function isSame(a: Death, b: Death): boolean {
  return (
    a.when === b.when &&
    a.write === b.write &&
    a.kinds.join() === b.kinds.join()
  );
}

/** A spoke behind a proxy that may kill it. */
class MortalSpoke {
  readonly #run: Run;
  readonly #proxy: ApiFaultProxy;
  readonly #killer: Killer;
  #engine: TestEngine | undefined;
  #end: { readonly error: unknown } | "through" | undefined;

  constructor(run: Run, proxy: ApiFaultProxy, killer: Killer) {
    this.#run = run;
    this.#proxy = proxy;
    this.#killer = killer;
  }

  get engines(): readonly TestEngine[] {
    return this.#engine === undefined ? [] : [this.#engine];
  }

  /** Whether it came through; false once it is killed, and what it had sent before is done. */
  async live(progress: Progress): Promise<boolean> {
    void this.#goOn(progress).then(
      () => {
        // One that was killed is not through, whatever it waits for.
        if (!this.#isStruck) this.#end = "through";
      },
      // A start that was killed ends in an error, once its connections are cut.
      (error: unknown) => (this.#end = { error }),
    );
    await vi.waitFor(() => {
      if (this.#isDead || this.#end !== undefined) return;
      throw new Error(`neither through nor killed: ${this.#describe()}`);
    }, within);
    if (this.#isDead) return false;
    if (typeof this.#end === "object") throw this.#end.error;
    return true;
  }

  async end(): Promise<void> {
    if (this.#isStruck) this.#engine?.kill();
    await this.#engine?.stop();
  }

  get #isStruck(): boolean {
    return this.#killer.death !== undefined;
  }

  get #isDead(): boolean {
    return this.#isStruck && this.#proxy.isCalm();
  }

  /** As a pod does: takes up what is acknowledged, and then what a hub offers, step by step. */
  async #goOn(progress: Progress): Promise<void> {
    const { cluster, piece, prefix } = this.#run;
    const engine = await cluster.startEngine({
      kubeconfig: this.#proxy.kubeconfig,
      clock: clockOf(piece),
    });
    this.#engine = engine;
    const work = piece.work(prefix);
    const seqOf = (step: number) => piece.before(prefix).length + step + 1;
    if (work[progress.step]?.isRejoin === true) {
      await engine.letGoBefore(seqOf(progress.step));
    }
    await engine.resume();
    for (;;) {
      const step = work[progress.step];
      if (step === undefined) return;
      if (!progress.hasMet) await step.meanwhile?.(cluster);
      progress.hasMet = true;
      const seq = seqOf(progress.step);
      const named = (step.allowDelete ?? []).map(objectIdOf);
      await engine.assign(step.bundles, { seq, allowDelete: named });
      await vi.waitFor(async () => {
        if (!this.#isStruck) await expectDone(this.#run, engine, step);
      }, within);
      if (this.#isStruck) return;
      progress.step += 1;
      progress.hasMet = false;
    }
  }

  #describe(): string {
    return JSON.stringify(this.#engine?.facts());
  }
}

function clockOf({ collectsAtOnce }: Piece) {
  return collectsAtOnce === true
    ? collectingClock(usualSpeed)
    : fastClock(usualSpeed);
}

function isWrite({ verb, isDryRun }: ApiCall): boolean {
  return ["create", "update", "patch", "delete"].includes(verb) && !isDryRun;
}

/** All that a step asks for has come, and the spoke has nothing to do. */
async function expectDone(
  { cluster }: Run,
  engine: TestEngine,
  step: Step,
): Promise<void> {
  const { bundles, holds = [] } = step;
  expect(isReady(engine, bundles)).toBe(true);
  const held = engine.facts().pruneHolds;
  expect(
    held.map(({ object, reason }) => `${objectKey(object)} ${reason}`).sort(),
  ).toEqual(
    holds.map(([object, reason]) => `${keyOf(object)} ${reason}`).sort(),
  );
  expect(await inventoryKeys(cluster)).toEqual(keysAfter(step));
  await step.isDone?.(cluster);
  expect(engine.isIdle()).toBe(true);
}

function keysAfter({ bundles, holds = [] }: Step): readonly string[] {
  const held = holds.map(([object]) => object);
  return [...objectsOf(bundles), ...held].map(keyOf).sort();
}

function judgedWork({ cluster, piece, prefix }: Run) {
  const steps = [...piece.before(prefix), ...piece.work(prefix)];
  const last = steps.at(-1);
  if (last === undefined) throw new Error(`${piece.name}: no work`);
  return {
    cluster,
    prefix,
    assignments: new Map(
      steps.map(({ bundles }, index) => [index + 1, bundles] as const),
    ),
    wanted: keysAfter(last),
    allowDelete: new Set(
      steps.flatMap(({ allowDelete = [] }) => allowDelete.map(keyOf)),
    ),
    mayRecreate: new Set((piece.recreated?.(prefix) ?? []).map(keyOf)),
  };
}
