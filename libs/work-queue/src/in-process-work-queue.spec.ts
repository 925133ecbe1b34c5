import { describe, expect, it } from "vitest";
import { createInProcessWorkQueue } from "./in-process-work-queue.ts";
import { type Work, type WorkClock, type WorkResult } from "./work-queue.ts";

const settled: WorkResult = { kind: "settled" };

function createManualClock() {
  const timers: { at: number; callback: () => void }[] = [];
  let now = 0;
  const clock: WorkClock = {
    monotonicMs: () => now,
    setTimer: (ms, callback) => {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
  };
  const advance = (ms: number) => {
    now += ms;
    const due = timers.filter(({ at }) => at <= now);
    due.forEach((timer) => timers.splice(timers.indexOf(timer), 1));
    due.forEach(({ callback }) => callback());
  };
  return { clock, advance, waits: () => timers.map(({ at }) => at - now) };
}

function createGate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

function createQueue(work: Work, concurrency = 1) {
  const manual = createManualClock();
  const errors: string[] = [];
  const queue = createInProcessWorkQueue({
    work,
    concurrency,
    clock: manual.clock,
    random: () => 0.999_999,
    onError: (key, error, afterMs) =>
      errors.push(`${key}: ${String(error)} ${afterMs}`),
  });
  return { queue, errors, ...manual };
}

describe("the in-process work queue", () => {
  it("runs a key at the earliest of the times asked for", async () => {
    let runs = 0;
    const work = () => {
      runs += 1;
      return Promise.resolve(settled);
    };
    const { queue, advance, waits } = createQueue(work);
    queue.trigger("a", { afterMs: 1_000 });
    queue.trigger("a", { afterMs: 25 });
    queue.trigger("a", { afterMs: 500 });
    expect(waits()).toEqual([25]);
    advance(25);
    await queue.idle();
    expect(runs).toBe(1);
    advance(2_000);
    await queue.idle();
    expect(runs).toBe(1);
  });

  it("merges triggers of one key that come before it runs", async () => {
    const gate = createGate();
    const runs: string[] = [];
    const { queue } = createQueue(async (key) => {
      runs.push(key);
      await gate.opened;
      return settled;
    });
    queue.trigger("first");
    queue.trigger("a");
    queue.trigger("a");
    queue.trigger("b");
    gate.open();
    await queue.idle();
    expect(runs).toEqual(["first", "a", "b"]);
  });

  it("runs a key once more when it was triggered during its run", async () => {
    const gate = createGate();
    let runs = 0;
    const { queue } = createQueue(async () => {
      runs += 1;
      await gate.opened;
      return settled;
    }, 4);
    queue.trigger("a");
    queue.trigger("a");
    queue.trigger("a");
    gate.open();
    await queue.idle();
    expect(runs).toBe(2);
  });

  it("never runs more keys at once than its bound, nor one key twice at once", async () => {
    const now = new Set<string>();
    let most = 0;
    let twice = 0;
    const { queue } = createQueue(async (key) => {
      if (now.has(key)) twice += 1;
      now.add(key);
      most = Math.max(most, now.size);
      await new Promise((resolve) => setImmediate(resolve));
      now.delete(key);
      return settled;
    }, 3);
    for (let index = 0; index < 60; index += 1) queue.trigger(`k${index % 12}`);
    await queue.idle();
    expect({ most, twice }).toEqual({ most: 3, twice: 0 });
  });

  it("backs off after throws, doubling, and starts over after a success", async () => {
    let failures = 3;
    const attempts: number[] = [];
    const { queue, errors, advance, waits } = createQueue(
      async (_key, { attempt }) => {
        attempts.push(attempt);
        failures -= 1;
        if (failures >= 0) throw new Error("no");
        return settled;
      },
    );
    queue.trigger("a");
    await queue.idle();
    for (const wait of [500, 1000, 2000]) {
      expect(waits()).toEqual([wait]);
      advance(wait);
      await queue.idle();
    }
    expect(attempts).toEqual([0, 1, 2, 3]);
    expect(errors).toHaveLength(3);
    expect(waits()).toEqual([]);
  });

  it("comes back after the time that the work asks for, or earlier when triggered", async () => {
    let runs = 0;
    const { queue, advance, waits } = createQueue(async () => {
      runs += 1;
      return runs < 3
        ? { kind: "requeueAfter", afterMs: 100, why: "later" }
        : settled;
    });
    queue.trigger("a");
    await queue.idle();
    advance(100);
    await queue.idle();
    expect(runs).toBe(2);
    queue.trigger("a");
    await queue.idle();
    expect(runs).toBe(3);
    expect(waits()).toEqual([]);
  });

  it("waits for what runs when it closes, aborts it after its grace, and takes nothing more", async () => {
    let runs = 0;
    const { queue, advance } = createQueue(
      (_key, { signal }) =>
        new Promise((resolve) => {
          runs += 1;
          signal.addEventListener("abort", () => resolve(settled));
        }),
    );
    queue.trigger("a");
    queue.trigger("b");
    const closed = queue.close({ graceMs: 50 });
    queue.trigger("c");
    advance(50);
    await closed;
    expect(runs).toBe(1);
  });

  it("forgets a cancelled key that waits for its time", async () => {
    let runs = 0;
    const { queue, advance, waits } = createQueue(async () => {
      runs += 1;
      return settled;
    });
    queue.trigger("a", { afterMs: 10 });
    queue.cancel("a");
    advance(10);
    await queue.idle();
    expect({ runs, waits: waits() }).toEqual({ runs: 0, waits: [] });
  });
});
