import { describe, expect, it } from "vitest";
import {
  chart,
  compiled,
  releaseText,
  root,
  web,
} from "./helm-release.fixture.ts";
import {
  bundleOf,
  objectsOf,
  renderPlainly,
  resolvePlainly,
  said,
} from "./plain-fleet.fixture.ts";
import { releaseNameOf } from "./release-request.ts";

describe("a HelmRelease whose chart lies in the fleet repo", () => {
  it("is a bundle with Helm's and Flux's defaults", () => {
    const result = web("");
    expect(result.problems).toEqual([]);
    expect(bundleOf(result, "HelmRelease/apps/web").spec).toMatchObject({
      wait: true,
      prune: true,
      timeoutMs: 300_000,
      drift: { mode: "disabled", ignore: [] },
      createNamespaces: [],
      held: null,
    });
    expect(objectsOf(result, "HelmRelease/apps/web")).toEqual([
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "x", namespace: "apps" },
      },
    ]);
  });

  it("asks helm for the chart's files, by what decides the output alone", () => {
    const { asked } = compiled({ [root]: releaseText() });
    const again = compiled({
      [root]: releaseText("  interval: 5m\n"),
      "other.yaml": "x: 1\n",
    });
    const changed = compiled({ [root]: releaseText("  values: {a: 1}\n") });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      program: "helm",
      directory: "chart",
      release: { name: "web", namespace: "apps", includeCrds: true },
    });
    expect(asked[0]?.files.map(({ path }) => path)).toEqual([
      "chart/Chart.yaml",
      "chart/templates/x.yaml",
      "chart/values.yaml",
      "values.json",
    ]);
    expect(again.asked[0]?.key).toBe(asked[0]?.key);
    expect(changed.asked[0]?.key).not.toBe(asked[0]?.key);
  });

  it("takes drift, namespaces and capabilities from FleetConfig", () => {
    const { compiled: result, asked } = compiled(
      { [root]: releaseText("  targetNamespace: shop\n") },
      undefined,
      {
        config: {
          createNamespaces: "missing",
          drift: { mode: "enabled", helm: "warn", ignore: [{ paths: ["/a"] }] },
          helm: { kubeVersion: "v1.33.1", apiVersions: ["example.com/v1"] },
        },
      },
    );
    expect(bundleOf(result, "/web").spec).toMatchObject({
      drift: { mode: "warn", ignore: [{ paths: ["/a"] }] },
      createNamespaces: ["shop"],
    });
    expect(asked[0]?.release).toMatchObject({
      name: "shop-web",
      namespace: "shop",
      kubeVersion: "v1.33.1",
    });
    expect(asked[0]?.release.apiVersions).toContain("example.com/v1");
    expect(asked[0]?.release.apiVersions).toContain("batch/v1/Job");
  });

  it("has what its own driftDetection, install and upgrade say", () => {
    const spec =
      "  driftDetection: {mode: enabled, ignore: [{paths: [/spec/replicas]}]}\n  install: {createNamespace: true, disableWait: true}\n  upgrade: {force: true}\n";
    expect(bundleOf(web(spec), "/web").spec).toMatchObject({
      drift: { mode: "enabled", ignore: [{ paths: ["/spec/replicas"] }] },
      createNamespaces: ["apps"],
      wait: false,
      force: true,
    });
  });

  it("depends on releases, and on none that is not there", () => {
    const both = compiled({
      [root]:
        releaseText("  dependsOn: [{name: db}]\n") + releaseText("", "db"),
    });
    expect(bundleOf(both.compiled, "apps/web").spec.dependsOn).toEqual([
      { bundle: "HelmRelease/apps/db" },
    ]);
    expect(web("  dependsOn: [{name: db}]\n").problems.map(said)).toEqual([
      "DependencyNotFound clusters/prod/flux.yaml:9: dependsOn: apps/db does not exist in this cluster",
    ]);
  });

  it("goes to the clusters that its selector names", () => {
    const text = releaseText().replace(
      "namespace: apps\n",
      "namespace: apps\n  annotations: {fleet.wheelhouse.dev/cluster-selector: env=staging}\n",
    );
    const names = compiled({ [root]: text }).compiled.bundles;
    expect(names.map(({ spec }) => spec.name)).toEqual([
      "Kustomization/flux-system/(root)",
    ]);
  });

  it("is looked at, and not rendered, when a root is resolved", () => {
    const resolved = resolvePlainly(
      { ...chart, [root]: releaseText() },
      {
        render: (request) => {
          expect(request.program).toBe("kustomize");
          return renderPlainly(request);
        },
      },
    );
    expect(resolved.problems).toEqual([]);
    expect(resolved.bundles.map(({ name }) => name)).toContain(
      "HelmRelease/apps/web",
    );
  });
});

describe("a release's name", () => {
  it.each([
    [{ name: "web" }, "web"],
    [{ name: "web", targetNamespace: "shop" }, "shop-web"],
    [{ name: "web", targetNamespace: "shop", releaseName: "site" }, "site"],
    [{ name: "a".repeat(54) }, `${"a".repeat(40)}-a3f01b693925`],
  ])("of %j is %s", (release, name) => {
    expect(releaseNameOf(release)).toBe(name);
  });
});
