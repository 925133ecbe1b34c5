import { describe, expect, it } from "vitest";
import { HealLimits, maxHealsPerMinute } from "./heal-limits.ts";

describe("heal limits", () => {
  it("leave an object alone that is healed too often, until the minute is over", () => {
    const limits = new HealLimits();
    for (let count = 0; count < maxHealsPerMinute; count += 1) {
      expect(limits.mayHeal("a", count)).toBe(true);
      limits.record("a", count);
    }
    expect(limits.mayHeal("a", 10)).toBe(false);
    expect(limits.waitMs("a", 10)).toBe(59_990);
    expect(limits.mayHeal("b", 10)).toBe(true);
    expect(limits.mayHeal("a", 60_000)).toBe(true);
  });

  it("forget what is nobody's any more, and nothing else", () => {
    const limits = new HealLimits();
    for (let count = 0; count < maxHealsPerMinute; count += 1) {
      limits.record("kept", count);
      limits.record("left", count);
    }
    limits.keepOnly((key) => key === "kept");
    expect(limits.mayHeal("kept", 10)).toBe(false);
    expect(limits.mayHeal("left", 10)).toBe(true);
  });
});
