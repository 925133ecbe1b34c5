import { type Clock } from "@wheelhouse/clock";
import { describe, expect, test } from "vitest";
import { RequestGate } from "./request-gate.ts";

/** A clock that the test moves. */
class ManualClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  nowMs(): number {
    return 0;
  }

  monotonicMs(): number {
    return this.#now;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    this.#timers.push({ at: this.#now + delayMs, callback });
    return () => undefined;
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
  }
}

/** A request that lasts until it is told to end. */
function openRequest(started: string[], name: string) {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const run = (): Promise<void> => {
    started.push(name);
    return ended;
  };
  return { run, end: () => end() };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("the gate", () => {
  test("lets so many in at once, and writes before reads", async () => {
    const gate = new RequestGate(new ManualClock(), 1);
    const started: string[] = [];
    const first = openRequest(started, "first");
    const running = [
      gate.run("read", undefined, first.run),
      gate.run("read", undefined, openRequest(started, "read").run),
    ];
    const write = openRequest(started, "write");
    running.push(gate.run("write", undefined, write.run));
    await settle();
    expect(started).toEqual(["first"]);
    first.end();
    await settle();
    expect(started).toEqual(["first", "write"]);
    write.end();
    await settle();
    expect(started).toEqual(["first", "write", "read"]);
    expect(running).toHaveLength(3);
  });

  test("gives a place back when a request fails", async () => {
    const gate = new RequestGate(new ManualClock(), 1);
    const failed = gate.run("write", undefined, () =>
      Promise.reject(new Error("no")),
    );
    await expect(failed).rejects.toThrow("no");
    expect(await gate.run("write", undefined, () => Promise.resolve(1))).toBe(
      1,
    );
  });

  test("forgets who is aborted while waiting", async () => {
    const gate = new RequestGate(new ManualClock(), 1);
    const started: string[] = [];
    const first = openRequest(started, "first");
    const running = gate.run("read", undefined, first.run);
    const leave = new AbortController();
    const waiting = gate.run("read", leave.signal, () => Promise.resolve());
    leave.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
    await expect(
      gate.run("read", leave.signal, () => Promise.resolve()),
    ).rejects.toThrow("left");
    first.end();
    await running;
    expect(started).toEqual(["first"]);
  });

  test("halves its bound for each 429, never below one, and widens again by answers", () => {
    const gate = new RequestGate(new ManualClock(), 20);
    const bounds: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      gate.narrow(0);
      bounds.push(gate.bound);
    }
    expect(bounds).toEqual([10, 5, 2, 1, 1, 1]);
    for (let answers = 0; answers < 300; answers += 1) gate.widen();
    expect(gate.bound).toBe(20);
  });

  test("lets nobody in for as long as the server asked", async () => {
    const clock = new ManualClock();
    const gate = new RequestGate(clock, 20);
    const started: string[] = [];
    gate.narrow(5_000);
    const request = openRequest(started, "late");
    request.end();
    const running = gate.run("write", undefined, request.run);
    clock.advance(4_999);
    await settle();
    expect(started).toEqual([]);
    gate.narrow(2_000);
    clock.advance(1);
    await settle();
    expect(started).toEqual([]);
    clock.advance(1_999);
    await running;
    expect(started).toEqual(["late"]);
  });
});
