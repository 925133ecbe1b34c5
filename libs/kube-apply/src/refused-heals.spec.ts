import { type BundleSpec } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { type ObjectOutcome } from "./object-outcome.ts";
import { RefusedHeals } from "./refused-heals.ts";

const spec = { retryIntervalMs: 60_000 } as BundleSpec;
const question = {
  desired: { key: "a", digest: "d1" },
  ...{ spec, content: "c1", nowMs: 1_000 },
};
const refused = {
  ...{ kind: "refused", reason: "Invalid", message: "no", isTransient: false },
  drift: {
    ...{ missing: false, fields: [], writer: null },
    ...{ state: "blocked", message: "no" },
  },
} as const satisfies ObjectOutcome;

function recorded(outcome: ObjectOutcome = refused): RefusedHeals {
  const heals = new RefusedHeals();
  heals.record(question, outcome);
  return heals;
}

describe("a heal that was refused", () => {
  it("stands until the retry interval is over", () => {
    const later = { ...question, nowMs: 60_999 };
    expect(recorded().standing(later)).toEqual({ ...refused, retryAfterMs: 1 });
    const over = { ...question, nowMs: 61_000 };
    expect(recorded().standing(over)).toBeUndefined();
  });

  it.each(["Forbidden", "Denied"])(
    "is tried again soon where the object is missing and it was %s, and ever later up to the retry interval",
    (reason) => {
      const heals = new RefusedHeals();
      const drift = { ...refused.drift, missing: true };
      const outcome = { ...refused, reason, drift };
      let nowMs = 0;
      const pauses = Array.from({ length: 10 }, () => {
        const now = { ...question, content: "", nowMs };
        const told = heals.record(now, outcome);
        const pauseMs = heals.standing(now)?.retryAfterMs ?? 0;
        expect(told).toEqual({ ...outcome, retryAfterMs: pauseMs });
        nowMs += pauseMs;
        const next = { ...now, nowMs };
        expect(heals.standing({ ...next, nowMs: nowMs - 1 })).toBeDefined();
        expect(heals.standing(next)).toBeUndefined();
        return pauseMs;
      });
      expect(pauses).toEqual([
        ...[500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000],
        ...[60_000, 60_000, 60_000],
      ]);
    },
  );

  it("begins to grow anew once it succeeded", () => {
    const heals = new RefusedHeals();
    const drift = { ...refused.drift, missing: true };
    const forbidden = { ...refused, reason: "Forbidden", drift };
    heals.record(question, forbidden);
    heals.record(question, forbidden);
    heals.record(question, {
      ...{ kind: "applied", action: "healed", live: undefined },
    });
    expect(heals.record(question, forbidden)).toMatchObject({
      retryAfterMs: 500,
    });
  });

  it.each([
    ["the object is there", { reason: "Forbidden" }],
    [
      "what is missing is refused for good",
      { drift: { ...refused.drift, missing: true } },
    ],
  ])("waits all the retry interval where %s", (_, change) => {
    const told = recorded().record(question, { ...refused, ...change });
    expect(told).toMatchObject({ retryAfterMs: 60_000 });
  });

  it.each([
    ["live object", { content: "c2" }],
    ["object as it shall be", { desired: { key: "a", digest: "d2" } }],
    ["bundle", { spec: { ...spec } }],
    ["question: another object", { desired: { key: "b", digest: "d1" } }],
  ])("is tried anew with another %s", (_, change) => {
    const next = { ...question, ...change };
    expect(recorded().standing(next)).toBeUndefined();
  });

  it.each<[string, ObjectOutcome]>([
    ["time alone may mend it", { ...refused, reason: "Throttled" }],
    ["what is missing may come", { ...refused, reason: "NotFound" }],
    ["nothing had drifted", { ...refused, drift: undefined } as never],
    ["it succeeded", { kind: "applied", action: "healed", live: undefined }],
  ])("is not kept where %s", (_, outcome) => {
    expect(recorded(outcome).standing(question)).toBeUndefined();
    const heals = recorded();
    heals.record(question, outcome);
    expect(heals.standing(question)).toBeUndefined();
  });

  it("is forgotten with its object", () => {
    const heals = recorded();
    heals.keepOnly((key) => key === "a");
    expect(heals.standing(question)).toBeDefined();
    heals.keepOnly(() => false);
    expect(heals.standing(question)).toBeUndefined();
  });
});
