import { digestOf } from "@wheelhouse/assignment";
import { type DriftLedger, type DriftRecord } from "@wheelhouse/drift";
import { describe, expect, it } from "vitest";
import { computeBundleHealth } from "./bundle-health.ts";
import { type ReportBasis, reportBundle } from "./bundle-report.ts";
import { unknownState } from "./bundle-state.ts";

const name = "Kustomization/flux-system/webapp";
const digest = digestOf("bundle");
const begun = Date.parse("2026-01-01T00:00:00Z");

const drift: DriftRecord = {
  object: { group: "", kind: "ConfigMap", namespace: "default", name: "a" },
  bundle: name,
  fields: [],
  missing: false,
  writer: "kubectl",
  firstSeen: "2026-01-01T00:00:00Z",
  lastSeen: "2026-01-01T00:00:00Z",
  times: 1,
  state: "blocked",
  message: "kubectl rewrites it again and again; healing waits",
};

function reportOf(
  ledger: DriftLedger,
  afterMs: number,
  mode: "enabled" | "warn" = "enabled",
) {
  const spec = {
    name,
    suspend: false,
    timeoutMs: 60_000,
    held: null,
    drift: { mode, ignore: [] },
  };
  const basis = {
    planned: { assigned: { digest, spec }, desired: [], dependants: [] },
    record: { applied: digest },
    state: { ...unknownState, health: computeBundleHealth([], [], 0) },
    ledger,
    before: undefined,
    nowMs: begun + afterMs,
    monotonicMs: afterMs,
    driftSinceMs: () => 0,
  };
  return reportBundle(basis as unknown as ReportBasis);
}

describe("drift in a bundle's report", () => {
  it("leaves it Ready until the bundle's timeout, and then does not", () => {
    expect(reportOf([drift], 59_000).ready).toBe(true);
    expect(reportOf([drift], 60_000)).toMatchObject({
      ready: false,
      message: expect.stringContaining("kubectl rewrites it") as string,
    });
  });

  it("leaves it Ready where drift is healed, or only warned of", () => {
    expect(reportOf([{ ...drift, state: "healed" }], 90_000).ready).toBe(true);
    const reported = { ...drift, state: "reported" } as const;
    expect(reportOf([reported], 90_000, "warn").ready).toBe(true);
  });

  it("leaves another bundle Ready", () => {
    const other = { ...drift, bundle: "Kustomization/flux-system/other" };
    expect(reportOf([other], 90_000).ready).toBe(true);
  });
});
