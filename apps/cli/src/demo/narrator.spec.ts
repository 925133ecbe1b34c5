import { describe, expect, it } from "vitest";
import { createPalette } from "../terminal/palette.ts";
import { type StoryClock, createNarrator } from "./narrator.ts";

/** A clock that moves when told to. */
function createHandClock() {
  let nowMs = 0;
  const calls = new Map<symbol, { ms: number; dueMs: number; call(): void }>();
  const clock: StoryClock = {
    nowMs: () => nowMs,
    every: (ms, call) => {
      const id = Symbol();
      calls.set(id, { ms, dueMs: nowMs + ms, call });
      return () => void calls.delete(id);
    },
  };
  const pass = (ms: number) => {
    for (const end = nowMs + ms; nowMs < end; nowMs += 50) {
      for (const one of calls.values()) {
        if (one.dueMs > nowMs) continue;
        one.dueMs += one.ms;
        one.call();
      }
    }
  };
  return { clock, pass };
}

function createStory(isTTY: boolean) {
  const written: { readonly atMs: number; readonly text: string }[] = [];
  const { clock, pass } = createHandClock();
  const out = {
    isTTY,
    columns: 60,
    write: (text: string) => written.push({ atMs: clock.nowMs(), text }),
  };
  const palette = createPalette({ isTTY: false } as NodeJS.WriteStream, {});
  return { narrator: createNarrator(out, palette, clock), written, pass };
}

describe("a story that waits", () => {
  it.each([true, false])(
    "is never silent for two seconds (terminal: %s)",
    async (isTTY) => {
      const { narrator, written, pass } = createStory(isTTY);
      narrator.act("An act", "It takes its time.");
      let done = () => {};
      const wait = narrator.waiting(
        "the hub starts again",
        new Promise<void>((resolve) => (done = resolve)),
      );
      pass(30_000);
      done();
      await wait;
      const times = written.map(({ atMs }) => atMs);
      const gaps = times.map((at, i) => at - (times[i - 1] ?? 0));
      expect(Math.max(...gaps, 30_000 - (times.at(-1) ?? 0))).toBeLessThan(
        2_000,
      );
      expect(written.at(-1)?.text).toContain(
        "waiting until the hub starts again",
      );
      const spoken = written.length;
      pass(10_000);
      expect(written).toHaveLength(spoken);
    },
  );

  it("rewrites one line of a terminal, and takes it back before the next sentence", async () => {
    const { narrator, written, pass } = createStory(true);
    await Promise.all([
      narrator.waiting(
        "the hub starts again",
        Promise.resolve().then(() => pass(4_500)),
      ),
    ]);
    narrator.say("It is back.");
    const [first = "", ...others] = written.map(({ text }) => text);
    expect(first).toMatch(
      /^ {3}waiting until the hub starts again {2}1\.\ds\n$/,
    );
    expect(others.slice(0, -2).join("")).toMatch(/^\u001b\[1A\u001b\[J/);
    expect(others.slice(-2)).toEqual(["\u001b[1A\u001b[J", "   It is back.\n"]);
  });

  it("passes on what comes of it", async () => {
    const { narrator } = createStory(false);
    await expect(narrator.waiting("it", Promise.resolve(7))).resolves.toBe(7);
    const failure = Promise.reject(new Error("in vain"));
    await expect(narrator.waiting("it", failure)).rejects.toThrow("in vain");
  });
});
