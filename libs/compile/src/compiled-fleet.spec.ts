import { type Problem } from "@wheelhouse/fleet-model";
import { describe, expect, it } from "vitest";
import { type CompiledCluster } from "./compiled-cluster.ts";
import { mergeProblems, targetBundles } from "./compiled-fleet.ts";
import { compiledOk, configMapText, fluxText } from "./plain-fleet.fixture.ts";

const problemAt = (line: number): Problem => ({
  ...{ reason: "InvalidField", subject: "s", message: "m" },
  location: { file: "f.yaml", line },
});

const failedWith = (
  cluster: string,
  problems: readonly Problem[],
  warnings: readonly Problem[] = [],
): CompiledCluster => ({ ok: false, cluster, problems, warnings });

describe("problems of several clusters", () => {
  it("are one with all their names where they are the same", () => {
    const merged = mergeProblems([
      failedWith("a", [problemAt(1), problemAt(2)]),
      failedWith("b", [problemAt(2)]),
    ]);
    expect(merged).toEqual([
      { ...problemAt(1), clusters: ["a"] },
      { ...problemAt(2), clusters: ["a", "b"] },
    ]);
  });

  it("hold nobody as warnings, and are two where one is a warning", () => {
    const merged = mergeProblems([
      failedWith("a", [], [problemAt(1)]),
      failedWith("b", [problemAt(1)], [problemAt(1)]),
    ]);
    expect(merged).toEqual([
      { ...problemAt(1), clusters: [] },
      { ...problemAt(1), clusters: ["b"] },
    ]);
  });
});

describe("what a cluster is to run", () => {
  const good = compiledOk({
    "clusters/prod/web.yaml": fluxText("web", "./web"),
    "web/cm.yaml": configMapText("web"),
  });
  const last = good.bundles;

  it("is its whole last assignment where it cannot be compiled", () => {
    expect(targetBundles(failedWith("prod-eu-1", []), last)).toBe(last);
  });

  it("is the last good of a bundle that cannot be built, held", () => {
    const broken = compiledOk({
      "clusters/prod/web.yaml": fluxText("web", "./gone"),
    });
    const [, web] = targetBundles(broken, last);
    expect(web?.spec.held?.reason).toBe("MissingDirectory");
    expect(web?.spec.artifact).toEqual(last[1]?.spec.artifact);
  });
});
