import { type ObjectResult } from "@wheelhouse/kube-apply";
import { exampleBundleSpec } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import { type PlannedBundle } from "./assignment-plan.ts";
import { computeBundleHealth } from "./bundle-health.ts";
import { type BundleState, unknownState } from "./bundle-state.ts";
import { nextLookMs } from "./next-look.ts";

const spec = exampleBundleSpec({
  intervalMs: 600_000,
  retryIntervalMs: 30_000,
  timeoutMs: 120_000,
});
const green = { ...computeBundleHealth([], [], 0), basis: "" };
const ready: BundleState = {
  ...unknownState,
  ...{ isAppliedNow: true, health: green },
};

const lookMs = (
  state: Partial<BundleState>,
  { spread = 0, waitMs = 0, more = {} } = {},
) => {
  const planned = { assigned: { spec: { ...spec, ...more } } };
  return nextLookMs(
    planned as PlannedBundle,
    { ...ready, ...state },
    { nowMs: 1_000_000, spread, limits: { waitMs: () => waitMs } },
  );
};

const blocked = {
  desired: { key: "/ConfigMap/default/a" },
  outcome: { kind: "applied", drift: { state: "blocked" } },
} as unknown as ObjectResult;
const obstacle = { reason: "Refused", message: "no", isFinal: false };
const check = { apiVersion: "v1", kind: "Pod", namespace: "a", name: "b" };

describe("the next look at a bundle with nothing to do", () => {
  it("comes at its interval, spread by a twentieth", () => {
    expect(lookMs({})).toBe(600_000);
    expect(lookMs({}, { spread: 1 })).toBe(630_000);
  });

  it.each([
    ["its backoff after a failure", 500, { obstacle, failures: 1 }, {}],
    ["at its retry interval at the latest", 30_000, { obstacle, failures: 20 }],
    ["its timeout", 20_000, { notReadySinceMs: 900_000 }],
    ["not at a timeout that is over", 600_000, { notReadySinceMs: 1_000 }],
    ["when healing is permitted again", 7_000, { results: [blocked] }, 7_000],
    ["at its retry interval, to heal", 30_000, { results: [blocked] }, 0],
  ] as const)("comes earlier where there is more: %s", (...row) => {
    const [, expected, state, waitMs] = row;
    const options = typeof waitMs === "number" ? { waitMs } : {};
    expect(lookMs(state, options)).toBe(expected);
  });

  it("comes soon while a health check is open, or health is not wholly judged", () => {
    const health = { ...green, areChecksReady: false };
    expect(lookMs({ health })).toBe(600_000);
    expect(lookMs({ health }, { more: { healthChecks: [check] } })).toBe(2_000);
    const part = { ...green, isWhole: false };
    expect(lookMs({ health: part })).toBe(2_000);
  });
});
