import { linkReasons } from "@wheelhouse/protocol";
import { describe, expect, it } from "vitest";
import { adviseOn } from "./failure-advice.ts";
import { classifyFailure } from "./failure-class.ts";
import { explainRefusal, renewalDueMs } from "./renewal.ts";

const dayMs = 86_400_000;
const endMs = Date.parse("2026-01-02T00:00:00Z");

const failureOf = (reason: (typeof linkReasons)[number] | null) => ({
  reason,
  code: "UNAVAILABLE",
  details: "said",
});

describe("a renewal", () => {
  it.each([
    [0, 1 / 2],
    [1 / 2, 7 / 12],
    [0.999_999, 2 / 3],
  ])("with the chance %d is due at %d of a life", (chance, share) => {
    const life = { beginMs: endMs - dayMs, endMs };
    const due = renewalDueMs(life, chance);
    expect((due - life.beginMs) / dayMs).toBeCloseTo(share, 4);
  });

  it("that came after 90 days says when the certificate ended, and how to come back", () => {
    const failure = failureOf("Unauthenticated");
    const late = explainRefusal(failure, endMs, endMs + 90 * dayMs + 1);
    expect(late).toMatch(
      /^said; the certificate ended 2026-01-02T00:00:00.000Z, .*`wheelhouse cluster repoint NAME`/,
    );
    expect(explainRefusal(failure, endMs, endMs + 90 * dayMs)).toBe("said");
  });

  it("that is refused for a reason that waiting mends says only that", () => {
    expect(explainRefusal(failureOf(null), endMs, endMs + 400 * dayMs)).toBe(
      "said",
    );
  });

  it("that only a person can mend says so", () => {
    expect(explainRefusal(failureOf("UnknownKey"), endMs, endMs)).toContain(
      "wheelhouse cluster repoint NAME",
    );
  });
});

describe("a failure that time does not mend", () => {
  const needsPerson = linkReasons.filter((reason) =>
    ["register", "stop"].includes(classifyFailure(failureOf(reason))),
  );

  it.each(needsPerson)("%s comes with what to do", (reason) => {
    expect(adviseOn(failureOf(reason))).toMatch(/\w/);
  });
});
