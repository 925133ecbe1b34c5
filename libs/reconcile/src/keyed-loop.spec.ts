import { type Clock } from "@wheelhouse/clock";
import { describe, expect, it } from "vitest";
import { KeyedLoop, type PassResult } from "./keyed-loop.ts";

/** A clock that moves when the test says so. */
function manualClock() {
  let now = 0;
  let timers: { at: number; callback: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => now,
    setTimer: (delayMs, callback) => {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const advance = async (ms: number) => {
    now += ms;
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    for (const { callback } of due) callback();
    await settle();
  };
  return { clock, advance, delays: () => timers.map(({ at }) => at - now) };
}

/** Lets everything that was resolved run on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function loopOf(
  reconcile: (key: string) => Promise<PassResult>,
  concurrency = 2,
) {
  const errors: unknown[] = [];
  const manual = manualClock();
  const loop = new KeyedLoop({
    clock: manual.clock,
    concurrency,
    reconcile,
    onError: (_key, error) => errors.push(error),
  });
  return { loop, errors, ...manual };
}

const settled: PassResult = { kind: "settled" };

describe("a keyed loop", () => {
  it("runs a key that is added while it runs once more, and never twice at once", async () => {
    const gates: (() => void)[] = [];
    const { loop } = loopOf(
      () => new Promise((resolve) => gates.push(() => resolve(settled))),
    );
    for (let count = 0; count < 5; count += 1) loop.add("a");
    expect(gates).toHaveLength(1);
    gates[0]?.();
    await settle();
    expect(gates).toHaveLength(2);
    gates[1]?.();
    await settle();
    expect(loop.isIdle).toBe(true);
  });

  it("runs no more keys at once than it may", async () => {
    const gates: (() => void)[] = [];
    const { loop } = loopOf(
      () => new Promise((resolve) => gates.push(() => resolve(settled))),
    );
    for (const key of ["a", "b", "c"]) loop.add(key);
    expect(gates).toHaveLength(2);
    gates[0]?.();
    await settle();
    expect(gates).toHaveLength(3);
  });

  it("comes back after the time that a pass asked for, or earlier when it is added", async () => {
    const runs: string[] = [];
    const { loop, advance } = loopOf(async (key) => {
      runs.push(key);
      return { kind: "requeueAfter", delayMs: 1_000, why: "resync" };
    });
    loop.add("a");
    await settle();
    await advance(999);
    expect(runs).toHaveLength(1);
    await advance(1);
    expect(runs).toHaveLength(2);
    loop.add("a");
    await settle();
    expect(runs).toHaveLength(3);
  });

  it("tries a pass that threw again, later and later", async () => {
    const { loop, errors, advance, delays } = loopOf(async () => {
      throw new Error("no");
    });
    loop.add("a");
    await settle();
    expect(delays()).toEqual([500]);
    await advance(500);
    expect(delays()).toEqual([1_000]);
    expect(errors).toHaveLength(2);
  });

  it("ends what runs before it is stopped, and starts nothing more", async () => {
    let finish = () => {};
    const { loop } = loopOf(
      () => new Promise((resolve) => (finish = () => resolve(settled))),
      1,
    );
    loop.add("a");
    loop.add("b");
    let isStopped = false;
    const stopping = loop.stop().then(() => (isStopped = true));
    await settle();
    expect(isStopped).toBe(false);
    finish();
    await stopping;
    expect(loop.isIdle).toBe(true);
  });
});
