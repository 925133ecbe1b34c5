import fc from "fast-check";
import { expect, test } from "vitest";
import { isEqualJson } from "./json.ts";

test("a wide integer equals itself as a number and as a bigint", () => {
  expect(isEqualJson(2n ** 60n, 2 ** 60)).toBe(true);
  expect(isEqualJson({ a: [1e16] }, { a: [10000000000000000n] })).toBe(true);
  expect(isEqualJson(9007199254740993n, 9007199254740992)).toBe(false);
  expect(isEqualJson(1n, 1.5)).toBe(false);
});

test("absent, null and empty are three things", () => {
  const values = [undefined, null, {}, [], "", 0, false] as const;
  for (const [i, a] of values.entries()) {
    for (const [j, b] of values.entries()) {
      expect(isEqualJson(a, b)).toBe(i === j);
    }
  }
});

test("a field that is there only on one side makes a difference", () => {
  expect(isEqualJson({ a: 1 }, { a: 1, b: null })).toBe(false);
  expect(isEqualJson({ a: 1, b: null }, { a: 1, c: null })).toBe(false);
});

test("every value equals itself, and equality has no direction", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const [left, right] = [a as never, b as never];
      expect(isEqualJson(left, structuredClone(left))).toBe(true);
      expect(isEqualJson(left, right)).toBe(isEqualJson(right, left));
    }),
  );
});
