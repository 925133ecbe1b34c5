import { describe, expect, it } from "vitest";
import { redialMs } from "./backoff.ts";

const longest = (goneMs: number) => redialMs(goneMs, 0.999_999);

describe("dialling a lost hub again", () => {
  it("is spread over 5 s at least, over half of the hub's absence, over 30 s at most", () => {
    const bounds = [0, 9_000, 20_000, 60_000, 3_600_000].map(longest);
    expect(bounds).toEqual([4_999, 4_999, 9_999, 29_999, 29_999]);
    expect(redialMs(60_000, 0)).toBe(0);
  });

  it("brings 1,000 spokes back within half of a minute's absence, never a fifth of them in one second", () => {
    const awayMs = 40_000;
    const returns = Array.from({ length: 1_000 }, (_, spoke) => {
      let atMs = 0;
      // Fractions of the golden ratio: spread like chance, and the same each time.
      for (let dial = 1; atMs < awayMs; dial += 1) {
        atMs += redialMs(atMs, (spoke * dial * 0.618_033_99) % 1) + 1;
      }
      return atMs - awayMs;
    });
    expect(Math.max(...returns)).toBeLessThanOrEqual(awayMs / 2);
    const seconds = new Map<number, number>();
    for (const at of returns) {
      const second = Math.floor(at / 1_000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
    }
    expect(Math.max(...seconds.values())).toBeLessThan(200);
  });
});
