import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeFieldSet,
  emptySet,
  encodeFieldSet,
  type FieldSet,
  insertPath,
  intersectSets,
  isEmptySet,
  listPaths,
  printPath,
  subtractDeep,
  subtractSets,
  unionSets,
} from "./field-set.ts";

const setOf = (...paths: readonly string[][]): FieldSet => {
  const set = emptySet();
  for (const path of paths) insertPath(set, path);
  return set;
};
const element = fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', 'v:"y"');
const sets = fc
  .array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 6 })
  .map((paths) => setOf(...paths));

describe("a field set", () => {
  it("reads what it writes", () => {
    fc.assert(
      fc.property(sets, (set) => {
        const text = JSON.stringify(encodeFieldSet(set));
        const again = decodeFieldSet(JSON.parse(text));
        expect(encodeFieldSet(again)).toEqual(encodeFieldSet(set));
      }),
    );
  });

  it("splits into what is shared and what is not", () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const shared = intersectSets(a, b);
        const rest = subtractSets(a, b);
        expect(encodeFieldSet(unionSets(shared, rest))).toEqual(
          encodeFieldSet(a),
        );
        expect(isEmptySet(intersectSets(rest, b))).toBe(true);
      }),
    );
  });

  it.each([
    [["f:spec", "f:replicas"], ".spec.replicas"],
    [
      ["f:a", 'k:{"containerPort":80,"protocol":"TCP"}'],
      '.a[containerPort=80,protocol="TCP"]',
    ],
    [["f:a", 'v:"x"'], '.a[="x"]'],
    [["f:a", "i:2"], ".a[2]"],
  ])("prints %j as %s", (path, text) => {
    expect(printPath(path)).toBe(text);
  });

  it("takes away a path with all below it", () => {
    const set = setOf(["f:status", "f:a"], ["f:spec"]);
    const left = subtractDeep(set, setOf(["f:status"]));
    expect(listPaths(left)).toEqual([["f:spec"]]);
  });
});
