import { type KubeObject, objectIdOf } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { computeBundleHealth } from "./bundle-health.ts";

const map: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "default" },
};
const deployment: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default", generation: 2 },
  spec: { replicas: 1 },
  status: { observedGeneration: 1 },
};
const judged = (object: KubeObject, live: KubeObject | undefined = object) => ({
  id: objectIdOf(object),
  live,
  refusal: undefined,
});

describe("a bundle's health", () => {
  it("is that of its worst object, which is named", () => {
    const health = computeBundleHealth(
      [judged(map), judged(deployment)],
      [],
      0,
    );
    expect(health).toMatchObject({
      status: "InProgress",
      total: 2,
      ready: 1,
      isReady: false,
    });
    expect(health.notes).toMatchObject([{ object: { name: "web" } }]);
  });

  it("is Current for no objects at all", () => {
    expect(computeBundleHealth([], [], 0)).toMatchObject({
      status: "Current",
      isReady: true,
    });
  });

  it("counts what was refused as Failed, in the server's words", () => {
    const refused = { ...judged(map), refusal: "denied by a webhook" };
    expect(computeBundleHealth([refused], [], 0).notes).toMatchObject([
      { status: "Failed", message: "denied by a webhook" },
    ]);
  });

  it("is not Ready while a health check is not, though all objects are", () => {
    const check = { ...judged(map), live: undefined };
    expect(computeBundleHealth([judged(map)], [check], 0)).toMatchObject({
      ready: 1,
      isReady: false,
      areChecksReady: false,
    });
  });

  it("is not Ready, and not failed, where a health check cannot be read", () => {
    const check = { ...judged(map), live: undefined, unreadable: "timeout" };
    expect(computeBundleHealth([judged(map)], [check], 0)).toMatchObject({
      status: "Unknown",
      isReady: false,
      areChecksReady: false,
      notes: [{ status: "Unknown", message: "timeout" }],
    });
  });

  it("names at most twenty objects", () => {
    const many = Array.from({ length: 30 }, () => ({
      ...judged(map),
      live: undefined,
    }));
    expect(computeBundleHealth(many, [], 0).notes).toHaveLength(20);
  });

  it("goes by what expressions say, before the rules for a kind", () => {
    const expressions = {
      of: ({ kind }: KubeObject) =>
        kind === "Deployment"
          ? ({ status: "Current", message: "said so" } as const)
          : undefined,
      isWhole: false,
    };
    const health = computeBundleHealth(
      [judged(map), judged(deployment)],
      [judged(deployment)],
      0,
      expressions,
    );
    expect(health).toMatchObject({ isReady: true, areChecksReady: true });
    expect(health.isWhole).toBe(false);
  });
});
