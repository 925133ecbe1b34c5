import { describe, expect, it } from "vitest";
import { dependencyDepths, orderNames } from "./dependency-order.ts";

const bundles = [
  { bundle: "K/a/frontend", dependsOn: ["K/a/backend"] },
  { bundle: "K/a/backend", dependsOn: ["K/a/common"] },
  { bundle: "K/a/policies", dependsOn: [] },
  { bundle: "K/a/common", dependsOn: [] },
  { bundle: "K/a/(root)", dependsOn: [] },
];

describe("the order of bundles", () => {
  it("has the root first, then each after what it waits for", () => {
    expect(orderNames(bundles)).toEqual([
      "K/a/(root)",
      "K/a/common",
      "K/a/policies",
      "K/a/backend",
      "K/a/frontend",
    ]);
  });

  it("does not wait for what is not there, nor for ever in a cycle", () => {
    const depths = dependencyDepths([
      { bundle: "a", dependsOn: ["gone"] },
      { bundle: "b", dependsOn: ["c"] },
      { bundle: "c", dependsOn: ["b"] },
    ]);
    expect(depths.get("a")).toBe(0);
    expect(depths.size).toBe(3);
  });
});
