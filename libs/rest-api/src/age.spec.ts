import { describe, expect, it } from "vitest";
import { formatAge } from "./age.ts";

const since = "2025-03-01T12:00:00Z";

describe("an age", () => {
  it("counts from the time to now, however now is told", () => {
    expect(formatAge(since, "2025-03-01T12:02:20Z")).toBe("2m20s");
    expect(formatAge(since, Date.parse(since) + 40_000)).toBe("40s");
  });

  it("is none yet by a clock that is behind", () => {
    expect(formatAge(since, "2025-03-01T11:59:00Z")).toBe("0s");
  });

  it("is a question mark where there is no time", () => {
    expect(formatAge("", since)).toBe("?");
    expect(formatAge(since, "soon")).toBe("?");
  });
});
