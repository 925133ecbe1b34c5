import { describe, expect, it } from "vitest";
import { findLabelProblem } from "./label-rule.ts";

const long = "a".repeat(64);

describe("a label of Kubernetes", () => {
  it.each([
    ["env", "production"],
    ["env", ""],
    ["example.com/Tier_1.x", "A-b_c.9"],
    ["a".repeat(63), "b".repeat(63)],
    [`${"a".repeat(249)}.com/x`, "1"],
  ])("%j: %j holds", (key, value) => {
    expect(findLabelProblem(key, value)).toBeNull();
  });

  it.each([
    ["", "x", "a key is at most 63"],
    ["a b", "x", "a key is at most 63"],
    ["-a", "x", "letter or digit first and last"],
    [long, "x", "a key is at most 63"],
    ["example.com/", "x", "after the /"],
    ["/a", "x", "DNS name"],
    ["Example.com/a", "x", "DNS name"],
    ["a..b/c", "x", "DNS name"],
    [`${"a".repeat(254)}/x`, "x", "at most 253"],
    ["a/b/c", "x", "at most one /"],
    ["env", "b/d", "a value is empty, or at most 63"],
    ["env", "prod ", "a value is empty"],
    ["env", "-", "a value is empty"],
    ["env", "prod\n", "a value is empty"],
    ["env", long, "a value is empty, or at most 63"],
  ])("%j: %j does not", (key, value, rule) => {
    const problem = findLabelProblem(key, value);
    expect(problem).toContain(rule);
    expect(problem).toContain(
      `label ${JSON.stringify(key)}: ${JSON.stringify(value)}: `,
    );
  });
});
