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
