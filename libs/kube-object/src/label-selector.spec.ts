import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type LabelSelector,
  matchesSelector,
  parseSelector,
} from "./label-selector.ts";

const labels = { env: "production", region: "eu", "example.org/tier": "" };

function matches(text: string): boolean {
  const result = parseSelector(text);
  if (!result.ok) throw new Error(result.problem);
  return matchesSelector(result.selector, labels);
}

describe("a selector's text", () => {
  test.each([
    ["", true],
    ["env=production", true],
    ["env == production", true],
    ["env=staging", false],
    ["env!=staging", true],
    ["absent!=x", true],
    ["region in (eu, us),env=production", true],
    ["region in (us),env=production", false],
    ["region notin (us)", true],
    ["absent notin (us)", true],
    ["absent in (us)", false],
    ["example.org/tier", true],
    ["example.org/tier=", true],
    ["!edge", true],
    ["!env", false],
  ])("%j selects: %j", (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  test.each([
    "env=production,",
    "=x",
    "env in eu",
    "env in (e u)",
    "a b",
    "a=b=c",
  ])("%j cannot be read, and says so", (text) => {
    expect(parseSelector(text).ok).toBe(false);
  });
});

describe("a selector", () => {
  test("holds for an absent key where it demands that it be absent or something else", () => {
    const of = (operator: "In" | "NotIn" | "Exists" | "DoesNotExist") =>
      matchesSelector(
        { matchExpressions: [{ key: "absent", operator, values: ["x"] }] },
        labels,
      );
    expect([of("In"), of("NotIn"), of("Exists"), of("DoesNotExist")]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  test("is not fooled by names that every JavaScript object has", () => {
    const selector: LabelSelector = {
      matchExpressions: [
        { key: "constructor", operator: "Exists", values: [] },
      ],
    };
    expect(matchesSelector(selector, {})).toBe(false);
  });

  test("and its contrary never hold together", () => {
    const word = fc.constantFrom("a", "b", "c");
    fc.assert(
      fc.property(
        fc.dictionary(word, word),
        word,
        fc.array(word),
        (given, key, values) => {
          const holds = (operator: "In" | "NotIn"): boolean =>
            matchesSelector(
              { matchExpressions: [{ key, operator, values }] },
              given,
            );
          expect(holds("In")).toBe(!holds("NotIn"));
        },
      ),
    );
  });
});
