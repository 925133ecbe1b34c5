import { describe, expect, it } from "vitest";
import { runWithin } from "./time-limit.ts";

describe("a computation under a limit of time", () => {
  it("comes to its end", () => {
    let sum = 0;
    const isDone = runWithin(60_000, () => {
      for (let index = 1; index <= 4; index += 1) sum += index;
    });
    expect([isDone, sum]).toEqual([true, 10]);
  });

  it("is stopped in the middle of a loop", () => {
    let rounds = 0;
    const isDone = runWithin(20, () => {
      for (;;) rounds += 1;
    });
    expect(isDone).toBe(false);
    expect(rounds).toBeGreaterThan(0);
  });

  it("is stopped in the middle of a regular expression", () => {
    const text = `${"a".repeat(60)}!`;
    expect(runWithin(20, () => void /^(a+)+$/.test(text))).toBe(false);
  });

  it("throws what it throws", () => {
    const broken = () => {
      throw new RangeError("out of range");
    };
    expect(() => runWithin(60_000, broken)).toThrow(RangeError);
  });
});
