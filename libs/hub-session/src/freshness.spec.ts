import { describe, expect, it } from "vitest";
import { isUnfresh, unfreshAfterMs } from "./freshness.ts";

describe("an assignment", () => {
  it.each([
    ["just named", { namedMs: 500, nowMs: 500 }, false],
    [
      "named a day ago, less a moment",
      { namedMs: 500, nowMs: unfreshAfterMs + 499 },
      false,
    ],
    ["named a day ago", { namedMs: 500, nowMs: unfreshAfterMs + 500 }, true],
    [
      "never named, of late",
      { namedMs: null, nowMs: unfreshAfterMs + 99 },
      false,
    ],
    [
      "never named, for a day",
      { namedMs: null, nowMs: unfreshAfterMs + 100 },
      true,
    ],
    [
      "named within another bound",
      { namedMs: 500, nowMs: 600, afterMs: 101 },
      false,
    ],
    [
      "named before another bound",
      { namedMs: 500, nowMs: 600, afterMs: 100 },
      true,
    ],
  ])("%s is unfresh or not", (_what, facts, expected) => {
    expect(isUnfresh({ beganMs: 100, ...facts })).toBe(expected);
  });
});
