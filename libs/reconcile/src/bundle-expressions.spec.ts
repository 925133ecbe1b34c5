import {
  type BundleSpec,
  type HealthExpressions,
} from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { expressionProblem, judgeByExpressions } from "./bundle-expressions.ts";

const widget = (name: string, status: string): KubeObject => ({
  apiVersion: "example.org/v1",
  kind: "Widget",
  metadata: { name },
  status: { phase: status },
});

const specWith = (...healthCheckExprs: readonly HealthExpressions[]) =>
  ({ dependsOn: [], healthCheckExprs }) as unknown as BundleSpec;

const byPhase = specWith({
  apiVersion: "example.org/v1",
  current: "status.phase == 'Ready'",
});

describe("a bundle's health by expressions", () => {
  it("is each object's own, and none for other kinds", () => {
    const ready = widget("a", "Ready");
    const pending = widget("b", "Pending");
    const map = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "c" },
    };
    const verdicts = judgeByExpressions(byPhase, [ready, pending, map]);
    expect(verdicts.isWhole).toBe(true);
    expect(verdicts.of(ready)?.status).toBe("Current");
    expect(verdicts.of(pending)?.status).toBe("InProgress");
    expect(verdicts.of(map)).toBeUndefined();
  });

  it("is nobody's without expressions", () => {
    const plain = { dependsOn: [] } as unknown as BundleSpec;
    const object = widget("a", "Pending");
    const verdicts = judgeByExpressions(plain, [object]);
    expect(verdicts.of(object)).toBeUndefined();
    expect(verdicts.isWhole).toBe(true);
  });

  const slow = () =>
    specWith({
      apiVersion: "example.org/v1",
      current: "status.phase.matches('^(a+)+$')",
    });
  const endless = widget("endless", `${"a".repeat(60)}!`);
  const quick = (name: string) => widget(name, "aaa");

  it("goes on in the next pass where time ran out, past what took it", () => {
    const spec = slow();
    const after = quick("after");
    const first = judgeByExpressions(spec, [endless, after], 50);
    expect(first.isWhole).toBe(false);
    expect(first.of(after)).toMatchObject({
      status: "Unknown",
      message: expect.stringContaining("have not come to it"),
    });
    const second = judgeByExpressions(spec, [endless, after], 60_000);
    expect(second.isWhole).toBe(true);
    expect(second.of(after)?.status).toBe("Current");
    expect(second.of(endless)).toMatchObject({
      status: "Unknown",
      message: expect.stringContaining("took longer than"),
    });
  });

  it("gives each object a whole pass before it is at fault", () => {
    const spec = slow();
    const objects = [quick("before"), endless, quick("after")];
    const first = judgeByExpressions(spec, objects, 3_000);
    expect(first.of(endless)?.message).toContain("have not come to it");
    judgeByExpressions(spec, objects, 50);
    const third = judgeByExpressions(spec, objects, 60_000);
    expect(third.isWhole).toBe(true);
    expect(objects.map((object) => third.of(object)?.status)).toEqual([
      "Current",
      "Unknown",
      "Current",
    ]);
  });
});

describe("expressions that a spoke cannot read", () => {
  it("are named with their place", () => {
    const spec = specWith({ apiVersion: "a/v1", current: "later(status)" });
    expect(expressionProblem(spec)).toMatch(
      /^healthCheckExprs\[0\]\.current: found no matching overload/,
    );
  });

  it("are named with the dependency that they are about", () => {
    const bundle = "Kustomization/flux-system/db";
    const dependsOn = [{ bundle, readyExpr: "later(dep)" }];
    const spec = { dependsOn } as unknown as BundleSpec;
    expect(expressionProblem(spec)).toMatch(`readyExpr of ${bundle}: found no`);
  });

  it("are none where all can be read", () => {
    expect(expressionProblem(byPhase)).toBeUndefined();
  });
});
