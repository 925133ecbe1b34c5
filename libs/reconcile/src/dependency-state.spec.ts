import {
  type BundleSpec,
  type HealthCheck,
  digestOf,
} from "@wheelhouse/assignment";
import { computeStatus } from "@wheelhouse/status";
import { describe, expect, it } from "vitest";
import { type DependencyState, bundleAsObject } from "./dependency-state.ts";

const redis: HealthCheck = {
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  namespace: "apps",
  name: "redis",
};

function stateWith(more: Partial<DependencyState>): DependencyState {
  const spec = { wait: true } as unknown as BundleSpec;
  const revision = { commit: "0".repeat(40), lock: digestOf("") };
  return {
    assigned: { spec, digest: digestOf("redis"), revision },
    isApplied: true,
    isReady: true,
    areChecksReady: true,
    ...more,
  };
}

function statusOf(
  state: DependencyState | undefined,
  check = redis,
): string | undefined {
  const object = bundleAsObject(check, (name) =>
    name === "HelmRelease/apps/redis" ? state : undefined,
  );
  return object && computeStatus(object).status;
}

describe("a health check that names a bundle", () => {
  it("says what is lacking", () => {
    const object = bundleAsObject(redis, () => stateWith({ isApplied: false }));
    expect(object && computeStatus(object).message).toBe(
      "the bundle is not applied yet",
    );
  });

  it.each([
    ["Ready", {}, "Current"],
    ["applied, and not Ready", { isReady: false }, "InProgress"],
    ["not applied at this assignment", { isApplied: false }, "InProgress"],
  ] as const)("%s: %s", (_, more, status) => {
    expect(statusOf(stateWith(more))).toBe(status);
  });

  it("is about the kind as well as the name", () => {
    const apiVersion = "kustomize.toolkit.fluxcd.io/v1";
    const other = { ...redis, apiVersion, kind: "Kustomization" };
    expect(statusOf(stateWith({}), other)).toBeUndefined();
  });

  it("is left to the cluster where no bundle has the name, or for another group", () => {
    expect(statusOf(undefined)).toBeUndefined();
    const foreign = { ...redis, apiVersion: "example.org/v1" };
    expect(statusOf(stateWith({}), foreign)).toBeUndefined();
  });
});
