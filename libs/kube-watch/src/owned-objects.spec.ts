import {
  type GroupVersionKind,
  type KubeObject,
} from "@wheelhouse/kube-object";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Clock } from "@wheelhouse/clock";
import { type OwnedObjects, createOwnedObjects } from "./owned-objects.ts";
import {
  type ListPage,
  type WatchEvent,
  type WatchPort,
} from "./watch-port.ts";

const configMaps = { group: "", version: "v1", kind: "ConfigMap" };
const secrets = { group: "", version: "v1", kind: "Secret" };

const configMap = (name: string, version: number): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name,
    namespace: "webapp",
    uid: name,
    resourceVersion: `${version}`,
  },
  data: { value: "large" },
});

const idOf = (name: string) => ({
  group: "",
  kind: "ConfigMap",
  namespace: "webapp",
  name,
});

class ManualClock implements Clock {
  #now = 0;
  #timers = new Set<{ at: number; callback: () => void }>();

  nowMs(): number {
    return 0;
  }

  monotonicMs(): number {
    return this.#now;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** When the timers ring, from now. */
  get due(): readonly number[] {
    return [...this.#timers].map(({ at }) => at - this.#now);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}

type WatchOptions = Parameters<WatchPort["watch"]>[1];

/** One watch that the test feeds. */
class OpenWatch {
  readonly options: WatchOptions;
  #queue: (WatchEvent | Error | "end")[] = [];
  #wake: () => void = () => undefined;

  constructor(options: WatchOptions) {
    this.options = options;
    options.signal.addEventListener("abort", () => this.#wake());
  }

  send(event: WatchEvent | Error | "end"): void {
    this.#queue.push(event);
    this.#wake();
  }

  async *events(): AsyncGenerator<WatchEvent> {
    for (;;) {
      this.options.signal.throwIfAborted();
      const next = this.#queue.shift();
      if (next === "end") return;
      if (next instanceof Error) throw next;
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

class ScriptedPort implements WatchPort {
  /** What lists answer; the last answer stays. */
  pages: (ListPage | Error)[] = [{ items: [], resourceVersion: "1" }];
  lists: {
    kind: string;
    continueToken: string | undefined;
    selector: string;
  }[] = [];
  watches: OpenWatch[] = [];

  async list(
    kind: GroupVersionKind,
    options: Parameters<WatchPort["list"]>[1],
  ): Promise<ListPage> {
    this.lists.push({
      kind: kind.kind,
      continueToken: options.continueToken,
      selector: options.labelSelector,
    });
    const page = this.pages.length > 1 ? this.pages.shift() : this.pages[0];
    if (page === undefined || page instanceof Error) throw page;
    return Promise.resolve(page);
  }

  watch(
    _kind: GroupVersionKind,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent> {
    const watch = new OpenWatch(options);
    this.watches.push(watch);
    return watch.events();
  }

  get latest(): OpenWatch {
    const watch = this.watches.at(-1);
    if (watch === undefined) throw new Error("no watch");
    return watch;
  }
}

/** A refusal as the client throws it. */
function refusal(code: number): Error {
  return Object.assign(new Error(`refused with ${code}`), { code });
}

let port: ScriptedPort;
let clock: ManualClock;
let objects: OwnedObjects;
let changes: string[];
let log: string[];

const page = (version: number, ...items: KubeObject[]): ListPage => ({
  items,
  resourceVersion: `${version}`,
});

const watchCount = async (count: number): Promise<void> => {
  await vi.waitFor(() => expect(port.watches).toHaveLength(count), {
    interval: 1,
  });
};

const changed = async (...expected: string[]): Promise<void> => {
  await vi.waitFor(() => expect(changes).toEqual(expected), { interval: 1 });
};

const waiting = async (): Promise<void> => {
  await vi.waitFor(() => expect(clock.due.length).toBeGreaterThan(0), {
    interval: 1,
  });
};

beforeEach(() => {
  port = new ScriptedPort();
  clock = new ManualClock();
  changes = [];
  log = [];
  objects = createOwnedObjects({
    port,
    fleet: "demo",
    clock,
    random: () => 0.5,
    log: (message) => log.push(message),
  });
  objects.onChange((id, object, previous) => {
    const version = (one: KubeObject | undefined): string =>
      one === undefined ? "-" : String(one.metadata["resourceVersion"]);
    changes.push(`${id.name} ${version(previous)}>${version(object)}`);
  });
});

afterEach(async () => {
  await objects.stop();
});

describe("what a fleet owns", () => {
  test("is listed page by page, and watched from there, by its label", async () => {
    port.pages = [
      { ...page(7, configMap("a", 1)), continueToken: "more" },
      page(7, configMap("b", 2)),
    ];
    objects.setKinds([configMaps]);
    expect(objects.isSynced(configMaps)).toBe(false);
    await objects.whenSynced(AbortSignal.timeout(5_000));
    await watchCount(1);
    expect(objects.isSynced(configMaps)).toBe(true);
    expect(port.lists).toEqual([
      {
        kind: "ConfigMap",
        continueToken: undefined,
        selector: "fleet.wheelhouse.dev/fleet=demo",
      },
      {
        kind: "ConfigMap",
        continueToken: "more",
        selector: "fleet.wheelhouse.dev/fleet=demo",
      },
    ]);
    expect(port.latest.options).toMatchObject({
      resourceVersion: "7",
      timeoutSeconds: 255,
    });
    expect(changes).toEqual(["a ->1", "b ->2"]);
  });

  test("is told as it changes, and kept without its data", async () => {
    objects.setKinds([configMaps]);
    await watchCount(1);
    port.latest.send({ kind: "added", object: configMap("a", 2) });
    port.latest.send({ kind: "modified", object: configMap("a", 3) });
    port.latest.send({ kind: "modified", object: configMap("a", 3) });
    await changed("a ->2", "a 2>3");
    expect(objects.get(idOf("a"))).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "a",
        namespace: "webapp",
        uid: "a",
        resourceVersion: "3",
      },
    });
    port.latest.send({ kind: "deleted", object: configMap("a", 4) });
    await changed("a ->2", "a 2>3", "a 3>-");
    expect(objects.get(idOf("a"))).toBeUndefined();
  });

  test("goes on from the last bookmark when the server ends a watch", async () => {
    objects.setKinds([configMaps]);
    await watchCount(1);
    port.latest.send({ kind: "bookmark", resourceVersion: "42" });
    await waiting();
    clock.advance(250_000);
    port.latest.send("end");
    await watchCount(2);
    expect(port.latest.options.resourceVersion).toBe("42");
    expect(port.lists).toHaveLength(1);
  });

  test("is listed anew when the server has forgotten the version, and what is gone is told", async () => {
    port.pages = [page(1, configMap("a", 1), configMap("b", 1))];
    objects.setKinds([configMaps]);
    await watchCount(1);
    port.pages = [page(9, configMap("b", 1), configMap("c", 8))];
    port.latest.send({ kind: "error", code: 410, message: "too old" });
    await vi.waitFor(() => expect(clock.due).toEqual([1_000]), { interval: 1 });
    clock.advance(1_000);
    await watchCount(2);
    expect(changes).toEqual(["a ->1", "b ->1", "c ->8", "a 1>-"]);
    expect(port.latest.options.resourceVersion).toBe("9");
  });

  test("is listed from the start when a page's token has expired, and half a list drops nothing", async () => {
    port.pages = [page(1, configMap("a", 1), configMap("b", 1))];
    objects.setKinds([configMaps]);
    await watchCount(1);
    port.pages = [
      { ...page(9, configMap("b", 1)), continueToken: "more" },
      refusal(410),
      page(10, configMap("a", 1), configMap("b", 1)),
    ];
    port.latest.send(refusal(410));
    for (const round of [1, 2]) {
      await vi.waitFor(() => expect(log).toHaveLength(round), { interval: 1 });
      await waiting();
      clock.advance(2_000);
    }
    await watchCount(2);
    expect(port.lists).toHaveLength(4);
    expect(changes).toEqual(["a ->1", "b ->1"]);
  });

  test("is found again within five minutes after a watch died silently", async () => {
    objects.setKinds([configMaps]);
    await watchCount(1);
    const [silent] = port.watches;
    await vi.waitFor(() => expect(clock.due).toEqual([285_000]), {
      interval: 1,
    });
    port.latest.send({ kind: "bookmark", resourceVersion: "5" });
    await vi.waitFor(() => expect(clock.due).toEqual([285_000]), {
      interval: 1,
    });
    clock.advance(285_000);
    await vi.waitFor(() => expect(silent?.options.signal.aborted).toBe(true), {
      interval: 1,
    });
    await waiting();
    clock.advance(2_000);
    await watchCount(2);
    expect(port.lists).toHaveLength(2);
  });

  test("is retried after errors with waits that grow to half a minute, and no list in between", async () => {
    objects.setKinds([configMaps]);
    const waits: number[] = [];
    for (let round = 1; round <= 9; round += 1) {
      await watchCount(round);
      port.latest.send(new Error("connection refused"));
      await vi.waitFor(() => expect(log).toHaveLength(round), { interval: 1 });
      await waiting();
      waits.push(Math.min(...clock.due));
      clock.advance(30_000);
    }
    expect(waits).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000,
    ]);
    expect(port.lists).toHaveLength(1);
    expect(objects.problems()).toEqual([
      { kind: configMaps, message: "connection refused" },
    ]);
  });

  test("is not watched in a tight loop where watches end at once", async () => {
    objects.setKinds([configMaps]);
    await watchCount(1);
    port.latest.send("end");
    await vi.waitFor(() => expect(log.join()).toContain("ended at once"), {
      interval: 1,
    });
    await waiting();
    expect(port.watches).toHaveLength(1);
    clock.advance(30_000);
    await watchCount(2);
  });
});

describe("kinds", () => {
  test("that can be listed and not watched are not synced, until they can be watched again", async () => {
    port.pages = [page(1, configMap("a", 1))];
    objects.setKinds([configMaps, secrets]);
    await watchCount(2);
    const [refused, well] = port.watches;
    expect(objects.isSynced(configMaps)).toBe(true);
    refused?.send(refusal(403));
    await vi.waitFor(() => expect(objects.isSynced(configMaps)).toBe(false), {
      interval: 1,
    });
    expect(well?.options.signal.aborted).toBe(false);
    expect(objects.isSynced(secrets)).toBe(true);
    expect(objects.get(idOf("a"))).toBeDefined();
    await objects.whenSynced(AbortSignal.timeout(5_000));
    await vi.waitFor(() => expect(clock.due).toContain(500), { interval: 1 });
    clock.advance(500);
    await watchCount(3);
    expect(objects.isSynced(configMaps)).toBe(false);
    port.latest.send({ kind: "bookmark", resourceVersion: "5" });
    await vi.waitFor(() => expect(objects.isSynced(configMaps)).toBe(true), {
      interval: 1,
    });
    expect(port.lists).toHaveLength(2);
  });

  test("come and go; those that stay keep their watch", async () => {
    objects.setKinds([configMaps]);
    await watchCount(1);
    objects.setKinds([configMaps, secrets, { ...secrets, version: "v2" }]);
    await watchCount(2);
    expect(port.lists.map(({ kind }) => kind)).toEqual(["ConfigMap", "Secret"]);
    objects.setKinds([secrets]);
    await vi.waitFor(
      () => expect(port.watches[0]?.options.signal.aborted).toBe(true),
      { interval: 1 },
    );
    expect(port.watches[1]?.options.signal.aborted).toBe(false);
    expect(objects.isSynced(configMaps)).toBe(false);
    expect(changes).toEqual([]);
  });

  test("that cannot be listed hold up whenSynced, which can be left, and are told", async () => {
    port.pages = [refusal(403)];
    objects.setKinds([configMaps]);
    await vi.waitFor(() => expect(objects.problems()).toHaveLength(1), {
      interval: 1,
    });
    const leave = new AbortController();
    const synced = objects.whenSynced(leave.signal);
    leave.abort(new Error("enough"));
    await expect(synced).rejects.toThrow("enough");
    port.pages = [page(1)];
    await waiting();
    clock.advance(30_000);
    await objects.whenSynced(AbortSignal.timeout(5_000));
    await vi.waitFor(() => expect(objects.problems()).toEqual([]), {
      interval: 1,
    });
  });

  test("none at all are synced", async () => {
    await objects.whenSynced(AbortSignal.timeout(5_000));
    expect(port.lists).toEqual([]);
  });
});

test("a listener that throws is logged, and the others are still told", async () => {
  const told: string[] = [];
  objects.onChange(() => {
    throw new Error("oh");
  });
  const leave = objects.onChange((id) => told.push(id.name));
  objects.setKinds([configMaps]);
  await watchCount(1);
  port.latest.send({ kind: "added", object: configMap("a", 2) });
  await vi.waitFor(() => expect(told).toEqual(["a"]), { interval: 1 });
  expect(log).toContain("a listener failed: oh");
  leave();
  port.latest.send({ kind: "added", object: configMap("b", 3) });
  await changed("a ->2", "b ->3");
  expect(told).toEqual(["a"]);
});

test("after stop nothing is watched and nobody is told", async () => {
  objects.setKinds([configMaps]);
  await watchCount(1);
  const { latest } = port;
  await objects.stop();
  expect(latest.options.signal.aborted).toBe(true);
  expect(clock.due).toEqual([]);
});
