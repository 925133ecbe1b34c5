import { describe, expect, it } from "vitest";
import {
  computeFading,
  formatAge,
  formatDistance,
  formatDuration,
} from "./age.ts";

const now = Date.parse("2025-03-01T12:00:00Z");
const ago = (ms: number) => new Date(now - ms).toISOString();

describe("a duration", () => {
  it.each([
    [0, "0s"],
    [999, "0s"],
    [40_000, "40s"],
    [140_000, "2m20s"],
    [600_000, "10m"],
    [3_600_000, "1h"],
    [5_400_000, "1h30m"],
    [172_800_000, "2d"],
    [-5, "0s"],
  ])("of %d ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("an age", () => {
  it("counts from the time to now", () => {
    expect(formatAge(ago(40_000), now)).toBe("40s");
  });

  it("is a question mark where there is no time", () => {
    expect(formatAge("", now)).toBe("?");
    expect(formatDistance("soon", now)).toBe("?");
  });

  it("says on which side of now a time lies", () => {
    expect(formatDistance(ago(-7_200_000), now)).toBe("in 2h");
    expect(formatDistance(ago(60_000), now)).toBe("1m ago");
  });
});

describe("fading", () => {
  it.each([
    [0, 0],
    [45_000, 0],
    [46_000, 1],
    [120_000, 2],
    [250_000, 3],
    [301_000, 4],
  ])("after %d ms is step %d", (ms, step) => {
    expect(computeFading(ago(ms), now)).toBe(step);
  });

  it("is complete for a cluster that was never heard", () => {
    expect(computeFading(null, now)).toBe(4);
  });
});
