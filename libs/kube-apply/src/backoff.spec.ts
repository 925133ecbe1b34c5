import { describe, expect, it } from "vitest";
import { backoffAfter } from "./backoff.ts";

describe("a backoff", () => {
  it.each([
    [1, 30_000, 500],
    [2, 30_000, 1_000],
    [5, 30_000, 8_000],
    [100, 30_000, 30_000],
    [1, 100, 500],
  ])("after %i failures, at most %i ms, is %i ms", (failures, maxMs, is) => {
    expect(backoffAfter(failures, maxMs)).toBe(is);
  });
});
