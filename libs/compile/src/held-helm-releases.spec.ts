import { describe, expect, it } from "vitest";
import {
  chart,
  compiled,
  releaseText,
  root,
  source,
  web,
} from "./helm-release.fixture.ts";
import {
  bundleOf,
  configMapText,
  fluxText,
  objectsOf,
  said,
} from "./plain-fleet.fixture.ts";

describe("a release is held", () => {
  const hook = (events: string) =>
    source(
      "templates/job.yaml",
      `apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {helm.sh/hook: "${events}"}}\n`,
    );

  const heldWith = (spec: string, output?: string, files = {}): unknown => {
    const result = web(spec, output, files);
    const { held } = bundleOf(result, "/web").spec;
    expect(objectsOf(result, "/web")).toEqual([]);
    return held;
  };

  it.each(["pre-install", "post-upgrade,post-install", "test,pre-upgrade"])(
    "for hooks that would be run: %s",
    (events) => {
      expect(heldWith("", hook(events))).toEqual({
        reason: "HelmHooks",
        message: `clusters/prod/flux.yaml: hooks: are not run yet: Job/migrate (web/templates/job.yaml): ${events.replaceAll(",", ", ")}`,
      });
    },
  );

  it("but not for hooks that are switched off, nor for tests", () => {
    const off =
      "  install: {disableHooks: true}\n  upgrade: {disableHooks: true}\n";
    for (const [spec, events] of [
      [off, "pre-install,pre-upgrade"],
      ["", "test"],
      ["", "test-success"],
    ] as const) {
      const result = web(spec, hook(events));
      expect(bundleOf(result, "/web").spec.held).toBeNull();
      expect(objectsOf(result, "/web")).toEqual([]);
      expect(result.warnings).toEqual([]);
    }
    const half = "  install: {disableHooks: true}\n";
    expect(heldWith(half, hook("pre-upgrade"))).toMatchObject({
      reason: "HelmHooks",
    });
  });

  it("but not for hooks of a deletion, which are named", () => {
    const result = web("", hook("pre-delete"));
    expect(bundleOf(result, "/web").spec.held).toBeNull();
    expect(result.warnings.map(said)).toEqual([
      "HelmHooksLeftOut clusters/prod/flux.yaml:2: hooks: are never run here: Job/migrate (web/templates/job.yaml): pre-delete",
    ]);
  });

  it.each([
    [
      "its chart lies in a repository of charts",
      "chart: ./charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}",
      "chart: web, version: 1.x, sourceRef: {kind: HelmRepository, name: repo}",
      "ChartNotFetched",
    ],
    [
      "its directory is not there",
      "./charts/web",
      "./charts/gone",
      "MissingDirectory",
    ],
    ["its directory is no chart", "./charts/web", "./charts", "NoChart"],
    [
      "its source is nowhere",
      "name: flux-system, namespace: flux-system",
      "name: other",
      "SourceNotFound",
    ],
  ])("where %s", (_why, from, to, reason) => {
    const repository =
      "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: repo, namespace: apps}\nspec: {url: https://charts.example.com}\n";
    const { compiled: result } = compiled({
      [root]: releaseText().replace(from, to) + repository,
      "clusters/prod/good.yaml": fluxText("good", "./good"),
      "good/cm.yaml": configMapText("good"),
    });
    expect(bundleOf(result, "apps/web").spec.held?.reason).toBe(reason);
    expect(bundleOf(result, "/good").spec.held).toBeNull();
  });

  it("for a dependency that is not vendored", () => {
    const dependencies = "dependencies: [{name: lib, version: 1.0.0}]\n";
    const files = {
      "charts/web/Chart.yaml": chart["charts/web/Chart.yaml"] + dependencies,
    };
    expect(heldWith("", undefined, files)).toEqual({
      reason: "ChartDependencyMissing",
      message: "charts/web/Chart.yaml: depends on lib, which is not in charts/",
    });
    const vendored = {
      ...files,
      "charts/web/charts/lib/Chart.yaml": "name: lib\nversion: 1.0.0\n",
    };
    expect(bundleOf(web("", undefined, vendored), "/web").spec.held).toBeNull();
  });

  it("for a symlink out of the repository in its chart", () => {
    const files = {
      "charts/web/templates/y.yaml": "-> ../../../../etc/passwd",
    };
    expect(heldWith("", undefined, files)).toMatchObject({
      reason: "SymlinkOutside",
    });
  });

  it("for Flux objects in its chart", () => {
    const output = source("templates/x.yaml", fluxText("more", "./more"));
    expect(heldWith("", output)).toMatchObject({ reason: "NotBuiltYet" });
  });

  it("for a field that nobody knows, and the root goes on", () => {
    const result = web("  valeus: {a: 1}\n");
    expect(result.problems.map(said)).toEqual([
      "UnknownField clusters/prod/flux.yaml:9: spec.valeus: unknown field",
    ]);
  });

  it("for variables that only the cluster has, and its parent is not", () => {
    const { compiled: result } = compiled({
      [root]: fluxText(
        "apps",
        "./apps",
        "  postBuild: {substituteFrom: [{kind: Secret, name: late}]}\n",
      ),
      "apps/release.yaml": releaseText("  values: {host: '${DOMAIN}'}\n"),
      "apps/cm.yaml": configMapText("x"),
    });
    expect(bundleOf(result, "/apps").spec.held).toBeNull();
    expect(bundleOf(result, "apps/web").spec.held?.reason).toBe(
      "LateVariableInIdentity",
    );
  });
});
