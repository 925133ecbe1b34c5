import { type HealthExpressions } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import { compileHealthExpressions } from "./health-expressions.ts";

const widget: KubeObject = {
  apiVersion: "example.org/v2",
  kind: "Widget",
  metadata: { name: "a", generation: 2 },
  status: { observedGeneration: 2, phase: "Ready" },
};

const entry = (
  current: string,
  more: Partial<HealthExpressions> = {},
): HealthExpressions => ({ apiVersion: "example.org/v1", current, ...more });

function ruleOf(...list: readonly HealthExpressions[]) {
  const result = compileHealthExpressions(list);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.rule;
}

function problemsOf(...list: readonly HealthExpressions[]) {
  const result = compileHealthExpressions(list);
  return result.ok ? [] : result.problems;
}

describe("which expressions judge an object", () => {
  test("those of its group and kind, whatever its version", () => {
    const rule = ruleOf(entry("true", { kind: "Widget" }));
    expect(rule(widget)?.status).toBe("Current");
    expect(rule({ ...widget, kind: "Gadget" })).toBeUndefined();
    expect(rule({ ...widget, apiVersion: "example.com/v1" })).toBeUndefined();
  });

  test("those of its group where its kind has none", () => {
    const rule = ruleOf(entry("true"), entry("false", { kind: "Gadget" }));
    expect(rule(widget)?.status).toBe("Current");
    expect(rule({ ...widget, kind: "Gadget" })?.status).toBe("InProgress");
  });

  test("two entries for one kind are a problem", () => {
    const twice = entry("true", { kind: "Widget" });
    const later = { ...twice, apiVersion: "example.org/v9" };
    expect(problemsOf(twice, later)).toMatchObject([
      { index: 1, field: undefined },
    ]);
  });
});

describe("an object's health by expressions", () => {
  test("is InProgress for an older generation than what was applied", () => {
    const rule = ruleOf(entry("true"));
    expect(rule(widget, 3)?.status).toBe("InProgress");
    expect(rule(widget, 2)?.status).toBe("Current");
  });

  test("is Unknown where a field is not there, naming the expression", () => {
    const rule = ruleOf(entry("true", { failed: "status.broken == 'x'" }));
    expect(rule(widget)).toEqual({
      status: "Unknown",
      message: "failed expression: no such key: broken",
    });
  });

  test("knows numbers beyond 53 bits exactly", () => {
    const live = { ...widget, spec: { size: 9_007_199_254_740_993n } };
    const rule = ruleOf(entry("spec.size == 9007199254740993"));
    expect(rule(live)?.status).toBe("Current");
  });

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "finds nothing under %s that the object does not hold",
    (name) => {
      const [problem] = problemsOf(entry(`status.${name} == 'x'`));
      const status =
        problem === undefined
          ? ruleOf(entry(`status.${name} == 'x'`))(widget)?.status
          : "refused";
      expect(["Unknown", "refused"]).toContain(status);
    },
  );

  test("is not led by fields named like the prototype's", () => {
    const live = {
      ...widget,
      status: JSON.parse('{"__proto__": {"phase": "Ready"}}') as never,
    };
    expect(ruleOf(entry("status.phase == 'Ready'"))(live)?.status).toBe(
      "Unknown",
    );
  });
});

describe("an expression is refused", () => {
  const nested = (depth: number): string =>
    Array.from({ length: depth }).reduce<string>(
      (inner, _, at) => `[1].all(x${at}, ${inner})`,
      "true",
    );

  test.each([
    ["a fault of writing", "status.phase ==", /token/],
    ["an unknown function", "frobnicate(status)", /overload/],
    ["a text", "'Ready'", /gives string, not true or false/],
    [
      "more than 4,096 characters",
      `true || '${"x".repeat(4_096)}' == ''`,
      /4096/,
    ],
    ["loops in loops in loops in loops", nested(4), /3 loops/],
    [
      "more parts than are read",
      `[${Array.from({ length: 1_001 }, () => 1).join(",")}].size() > 0`,
      /./,
    ],
    [
      "more brackets than are read",
      `${"(".repeat(60)}true${")".repeat(60)}`,
      /./,
    ],
  ])("for %s", (_, current, message) => {
    const [problem] = problemsOf(entry(current));
    expect(problem).toMatchObject({ index: 0, field: "current" });
    expect(problem?.message).toMatch(message);
  });

  test("but not for three loops, nor for many in a row", () => {
    expect(problemsOf(entry(nested(3)))).toEqual([]);
    const row = Array.from({ length: 9 }, () => nested(1)).join(" && ");
    expect(problemsOf(entry(row))).toEqual([]);
  });

  test("each by its place in the list", () => {
    const problems = problemsOf(
      entry("true", { kind: "A" }),
      entry("1 +", { kind: "B", inProgress: "2 +" }),
    );
    expect(problems.map(({ index, field }) => [index, field])).toEqual([
      [1, "inProgress"],
      [1, "current"],
    ]);
  });
});

describe("texts that an expression makes", () => {
  test("end at a million characters", () => {
    const grow = ".replace('', 'xxxxxxxxxx')".repeat(8);
    const rule = ruleOf(entry(`status.phase${grow} == ''`));
    expect(rule(widget)).toMatchObject({ status: "Unknown" });
    expect(rule(widget)?.message).toMatch(/more than 1048576 characters/);
  });
});
