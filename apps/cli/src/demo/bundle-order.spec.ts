import { describe, expect, it } from "vitest";
import { findOutOfOrder, orderOfBundles } from "./bundle-order.ts";

const bundles = [
  { bundle: "common", dependsOn: [] },
  { bundle: "backend", dependsOn: ["common"] },
];

const writes = (...names: readonly string[]) =>
  names.map((bundle, place) => ({ bundle, path: `/${place}` }));

describe("the order of bundles in a cluster's record", () => {
  it("is that of their first objects", () => {
    expect(orderOfBundles(writes("common", "common", "backend"))).toEqual([
      "common",
      "backend",
    ]);
  });

  it("is sound where a bundle begins after all of what it depends on", () => {
    expect(
      findOutOfOrder(writes("common", "common", "backend"), bundles),
    ).toEqual([]);
  });

  it.each([
    ["before", writes("backend", "common")],
    ["between", writes("common", "backend", "common")],
    ["without", writes("backend")],
  ])("is not where one begins %s its dependency", (_, wrong) => {
    expect(findOutOfOrder(wrong, bundles)).toEqual([
      "backend began before common was written",
    ]);
  });
});
