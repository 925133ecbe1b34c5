import {
  type AssignedBundle,
  type BundleSpec,
  digestOf,
} from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { type DependencyState, checkDependencies } from "./dependency-gate.ts";

const name = "Kustomization/flux-system/common";

function bundleOf(more: Partial<BundleSpec> = {}): AssignedBundle {
  const spec: BundleSpec = {
    name,
    artifact: null,
    dependsOn: [],
    wait: false,
    healthChecks: [],
    timeoutMs: 1,
    intervalMs: 1,
    retryIntervalMs: 1,
    prune: true,
    deletionPolicy: "MirrorPrune",
    force: false,
    suspend: false,
    serviceAccountName: null,
    decryption: null,
    drift: { mode: "enabled", ignore: [] },
    adopt: false,
    createNamespaces: [],
    lateReferences: [],
    held: null,
    ...more,
  };
  const revision = { commit: "0".repeat(40), lock: digestOf("") };
  return { spec, digest: digestOf("bundle"), revision };
}

const dependant = bundleOf({
  name: "Kustomization/flux-system/backend",
  dependsOn: [{ bundle: name }],
});

const stateOf = (more: Partial<DependencyState>): DependencyState => ({
  assigned: bundleOf(),
  isApplied: true,
  isReady: true,
  areChecksReady: true,
  ...more,
});

describe("the dependency gate", () => {
  it.each([
    ["applied and Ready", {}, "met"],
    ["not applied at this assignment", { isApplied: false }, "waits"],
    ["without wait, applied and not Ready", { isReady: false }, "met"],
    [
      "with wait, applied and not Ready",
      { assigned: bundleOf({ wait: true }), isReady: false },
      "waits",
    ],
    [
      "with a health check that is not Ready",
      { areChecksReady: false },
      "waits",
    ],
  ] as const)("%s: %s", (_title, more, kind) => {
    const verdict = checkDependencies(dependant, () => stateOf(more));
    expect(verdict.kind).toBe(kind);
  });

  it("waits for what does not exist, and says so", () => {
    expect(checkDependencies(dependant, () => undefined)).toEqual({
      kind: "waits",
      reason: "DependencyNotFound",
      message: `depends on ${name}, which does not exist in this cluster`,
    });
  });
});
