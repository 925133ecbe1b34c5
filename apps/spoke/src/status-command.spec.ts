import { digestOf } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { type ClusterState } from "./cluster-state.ts";
import { formatState } from "./status-command.ts";

const now = Date.parse("2026-01-01T12:00:00Z");
const digest = digestOf("bundle");

const state: ClusterState = {
  fleet: "demo",
  cluster: "prod-eu-1",
  uid: "uid-1",
  hubAddress: "hub:7443",
  assignment: {
    epoch: 1,
    seq: 7,
    root: digest,
    commit: "4f2c91d0".padEnd(40, "0"),
    issuedAt: "2026-01-01T11:48:00Z",
  },
  bundles: [
    {
      bundle: "Kustomization/flux-system/webapp",
      digest,
      applied: digest,
      appliedAt: "2026-01-01T11:59:20Z",
      verdict: "Converged",
      objects: [],
      ready: 0,
      waitsFor: null,
      trouble: null,
      note: "",
    },
  ],
  problems: ["wheelhouse-inventory-03: unknown"],
};

describe("the state of a cluster, in words", () => {
  it("is a head line, a table, and what could not be read", () => {
    const short = digest.slice(7, 15);
    expect(formatState(state, now)).toBe(
      [
        `CLUSTER  prod-eu-1  of fleet demo    ASSIGNMENT  1/7  root ${short}  commit 4f2c91d0  issued 12m ago`,
        "BUNDLE                            VERDICT      READY  APPLIED   AGE  NOTE",
        `Kustomization/flux-system/webapp  + Converged  0/0    ${short}  40s`,
        "! wheelhouse-inventory-03: unknown",
        "",
      ].join("\n"),
    );
  });

  it("has what the spoke said of a bundle that is not applied, and when", () => {
    const trouble = {
      reason: "Failed",
      message: 'ServiceAccount/webapp/webapp: namespaces "webapp" not found',
      at: "2026-01-01T11:57:00Z",
    };
    const bundles = state.bundles.map((bundle) => ({
      ...bundle,
      ...{ trouble, note: trouble.message, applied: null },
    }));
    expect(formatState({ ...state, bundles }, now)).toContain(
      `${trouble.message} (Failed, 3m ago)\n`,
    );
  });

  it("says so where nothing was assigned yet", () => {
    const empty = { ...state, assignment: null, bundles: [], problems: [] };
    expect(formatState(empty, now)).toBe(
      "CLUSTER  prod-eu-1  nothing assigned yet\n",
    );
  });
});
