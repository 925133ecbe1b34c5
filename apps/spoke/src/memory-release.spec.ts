import { ManualClock } from "@wheelhouse/testing";
import { expect, test } from "vitest";
import { MemoryRelease, restMs } from "./memory-release.ts";

test("memory is given back once, when work has been done for a while", () => {
  const clock = new ManualClock(0);
  let collections = 0;
  const release = new MemoryRelease(clock, () => (collections += 1));
  clock.advance(10 * restMs);
  expect(collections).toBe(0);
  for (let change = 0; change < 5; change += 1) {
    release.touch();
    clock.advance(restMs - 1);
  }
  expect(collections).toBe(0);
  clock.advance(1);
  expect(collections).toBe(1);
  clock.advance(10 * restMs);
  expect(collections).toBe(1);
});
