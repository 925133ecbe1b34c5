import { describe, expect, it } from "vitest";
import { type Problem } from "@wheelhouse/fleet-model";
import { bundleDigest } from "@wheelhouse/assignment";
import { type CompiledCluster } from "./compiled-cluster.ts";
import { keepLastGood, newProblems } from "./last-good.ts";
import {
  compilePlainly,
  configMapText,
  fluxText,
} from "./plain-fleet.fixture.ts";

const compile = (files: Readonly<Record<string, string>>, commit: string) =>
  compilePlainly(files, { commit }) as Extract<CompiledCluster, { ok: true }>;

const root = "clusters/prod/flux.yaml";
const good = {
  [root]: fluxText("apps", "./apps"),
  "apps/web.yaml": fluxText("web", "./web"),
  "web/cm.yaml": configMapText("web"),
};

describe("keepLastGood", () => {
  it("keeps a held bundle at its last good artifact and revision, marked", () => {
    const last = compile(good, "one");
    const next = compile({ ...good, "web/cm.yaml": "a: 1\na: 2\n" }, "two");
    const web = keepLastGood(next, last.bundles).find(({ spec }) =>
      spec.name.endsWith("/web"),
    );
    const before = last.bundles.find(({ spec }) => spec.name.endsWith("/web"));
    expect(web?.spec.artifact).toEqual(before?.spec.artifact);
    expect(web?.spec.held?.reason).toBe("DuplicateKey");
    expect(web?.revision.commit).toBe("one");
    expect(web?.digest).toBe(bundleDigest(web!.spec));
  });

  it("takes nothing for gone that a held bundle may hold", () => {
    const last = compile(good, "one");
    const next = compile({ ...good, "apps/bad.yaml": "a: 1\na: 2\n" }, "two");
    expect(next.bundles.map(({ spec }) => spec.name)).not.toContain(
      "Kustomization/flux-system/web",
    );
    const kept = keepLastGood(next, last.bundles);
    expect(kept.map(({ spec }) => [spec.name, spec.held?.reason])).toEqual([
      ["Kustomization/flux-system/(root)", undefined],
      ["Kustomization/flux-system/apps", "DuplicateKey"],
      ["Kustomization/flux-system/web", "ParentHeld"],
    ]);
  });

  it("lets go what is gone when everything was built", () => {
    const last = compile(good, "one");
    const next = compile(
      { ...good, "apps/web.yaml": configMapText("x") },
      "two",
    );
    expect(keepLastGood(next, last.bundles)).toEqual(next.bundles);
  });

  it("holds without an artifact what was never built", () => {
    const next = compile({ ...good, "web/cm.yaml": "a: 1\na: 2\n" }, "one");
    const web = keepLastGood(next, []).at(-1);
    expect(web?.spec.artifact).toBeNull();
  });
});

describe("newProblems", () => {
  it("names what was not there before, whatever line it has moved to", () => {
    const problem: Problem = {
      reason: "BuildFailed",
      subject: "s",
      message: "m",
    };
    const moved = { ...problem, location: { file: "f", line: 7 } };
    const other = { ...problem, message: "n" };
    expect(newProblems([problem], [moved, other])).toEqual([other]);
  });
});
