import { describe, expect, it } from "vitest";
import { sumObjects } from "./object-sum.ts";

const bundle = (ready: number, total: number) =>
  ({ objects: { ready, total } }) as Parameters<
    typeof sumObjects
  >[0][number]["bundles"][number];

describe("what a fleet consists of", () => {
  it("is added up over bundles and clusters", () => {
    expect(
      sumObjects([
        { bundles: [bundle(2, 3), bundle(4, 4)] },
        { bundles: [] },
        { bundles: [bundle(0, 1)] },
      ]),
    ).toEqual({ bundles: 3, ready: 6, total: 8 });
  });
});
