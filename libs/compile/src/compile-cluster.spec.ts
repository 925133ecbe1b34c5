import { describe, expect, it } from "vitest";
import {
  type CompiledOk,
  bundleOf,
  compilePlainly,
  compiledOk,
  configMapText,
  fluxText,
  objectsOf,
} from "./plain-fleet.fixture.ts";

const names = (compiled: CompiledOk) =>
  compiled.bundles.map(({ spec }) => spec.name);

const root = "clusters/prod/flux.yaml";

describe("compileCluster", () => {
  it("finds bundles within bundles, from the root on", () => {
    const compiled = compiledOk({
      [root]: fluxText("apps", "./apps"),
      "apps/one.yaml": fluxText("one", "./one"),
      "apps/note.yaml": configMapText("note"),
      "one/cm.yaml": configMapText("one"),
    });
    expect(names(compiled)).toEqual([
      "Kustomization/flux-system/(root)",
      "Kustomization/flux-system/apps",
      "Kustomization/flux-system/one",
    ]);
    expect(objectsOf(compiled, "/apps").map((o) => o.metadata.name)).toEqual([
      "note",
    ]);
    expect(bundleOf(compiled, "(root)").spec.artifact?.objects).toBe(0);
    expect(compiled.problems).toEqual([]);
  });

  it("carries a Kustomization's settings over", () => {
    const compiled = compiledOk(
      {
        [root]:
          fluxText("base", "./base") +
          fluxText(
            "web",
            "./web",
            `  interval: 10m
  retryInterval: 30s
  timeout: 3m
  prune: true
  wait: true
  suspend: true
  targetNamespace: web
  dependsOn: [{name: base}]
  healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: d, namespace: web}]
  ignore: [{paths: [/spec/replicas], target: {kind: Deployment}}]
`,
          ),
        "base/cm.yaml": configMapText("base"),
        "web/cm.yaml": configMapText("web"),
      },
      { config: { createNamespaces: "missing" } },
    );
    expect(bundleOf(compiled, "/web").spec).toMatchObject({
      intervalMs: 600_000,
      retryIntervalMs: 30_000,
      timeoutMs: 180_000,
      prune: true,
      wait: true,
      suspend: true,
      createNamespaces: ["web"],
      dependsOn: [{ bundle: "Kustomization/flux-system/base" }],
      healthChecks: [],
      drift: {
        mode: "enabled",
        ignore: [{ paths: ["/spec/replicas"], target: { kind: "Deployment" } }],
      },
      held: null,
    });
  });

  it("writes target namespace and patches into the kustomization, as Flux does", () => {
    const seen: string[] = [];
    compiledOk(
      {
        [root]: fluxText(
          "web",
          "./web",
          "  targetNamespace: web\n  patches: [{patch: 'a', target: {kind: X}}]\n",
        ),
        "web/kustomization.yaml":
          "resources: [cm.yaml]\npatches: [{patch: b}]\nnamespace: old\n",
        "web/cm.yaml": configMapText("web"),
      },
      {
        render: ({ files, directory }) => {
          const own = files.find(
            ({ path }) => path === `${directory}/kustomization.yaml`,
          );
          seen.push(Buffer.from(own?.bytes ?? []).toString());
          return directory === "web"
            ? { ok: true, output: configMapText("web") }
            : {
                ok: true,
                output: fluxText(
                  "web",
                  "./web",
                  "  targetNamespace: web\n  patches: [{patch: 'a', target: {kind: X}}]\n",
                ),
              };
        },
      },
    );
    expect(JSON.parse(seen[1] ?? "")).toEqual({
      resources: ["cm.yaml"],
      namespace: "web",
      patches: [{ patch: "b" }, { patch: "a", target: { kind: "X" } }],
    });
  });

  it("asks only for what a build reads", () => {
    const asked: (readonly string[])[] = [];
    compilePlainly(
      {
        "clusters/prod/kustomization.yaml": "resources: [../../apps/a.yaml]\n",
        "apps/a.yaml": configMapText("a"),
        "apps/secret.yaml": configMapText("never"),
      },
      {
        render: ({ files }) => {
          asked.push(files.map(({ path }) => path));
          return { ok: true, output: configMapText("a") };
        },
      },
    );
    expect(asked).toEqual([
      ["apps/a.yaml", "clusters/prod/kustomization.yaml"],
    ]);
  });

  it("leaves a digest alone when only the commit or another file changes", () => {
    const files = {
      [root]: fluxText("web", "./web"),
      "web/cm.yaml": configMapText("w"),
    };
    const one = compiledOk(files, { commit: "aaaa" });
    const two = compiledOk({ "docs/x.md": "x", ...files }, { commit: "bbbb" });
    expect(two.bundles.map(({ digest }) => digest)).toEqual(
      one.bundles.map(({ digest }) => digest),
    );
    expect(bundleOf(two, "/web").revision.commit).toBe("bbbb");
  });

  it("takes a self-referencing root once, and its spec for the root's", () => {
    const compiled = compiledOk({
      "clusters/prod/gotk-sync.yaml": fluxText(
        "cluster",
        "./clusters/prod",
        "  prune: true\n  interval: 5m\n  postBuild: {substitute: {WHO: me}}\n",
      ),
      "clusters/prod/cm.yaml": configMapText("cm", "{who: '${WHO}'}"),
      "clusters/prod/web.yaml": fluxText(
        "web",
        "./web",
        "  dependsOn: [{name: cluster}]\n",
      ),
      "web/cm.yaml": configMapText("web"),
    });
    expect(names(compiled)).toEqual([
      "Kustomization/flux-system/(root)",
      "Kustomization/flux-system/web",
    ]);
    expect(bundleOf(compiled, "(root)").spec.intervalMs).toBe(300_000);
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({ who: "me" });
    expect(bundleOf(compiled, "/web").spec.dependsOn).toEqual([
      { bundle: "Kustomization/flux-system/(root)" },
    ]);
  });

  it("leaves Flux's own parts out, with a notice", () => {
    const compiled = compiledOk({
      "clusters/prod/a.yaml": `apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata: {name: a, namespace: flux-system}
`,
      "clusters/prod/b.yaml": `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: b, namespace: flux-system}
`,
      "clusters/prod/c.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: source-controller
  namespace: flux-system
  labels: {app.kubernetes.io/part-of: flux, app.kubernetes.io/instance: flux-system}
`,
    });
    expect(names(compiled)).toEqual(["Kustomization/flux-system/(root)"]);
    expect(compiled.warnings.map(({ message }) => message)).toEqual([
      "left out, as part of Flux: 1 Alert, 1 Deployment, 1 HelmRepository",
    ]);
  });
});

describe("targeting", () => {
  const annotated = (annotation: string, path = "./web") =>
    fluxText("web", path).replace(
      "  namespace: flux-system\n",
      `  namespace: flux-system\n  annotations:\n    fleet.wheelhouse.dev/${annotation}\n`,
    );

  it("skips a bundle whose selector leaves the cluster out", () => {
    const files = (selector: string) => ({
      [root]: annotated(`cluster-selector: "${selector}"`),
      "web/cm.yaml": configMapText("web"),
    });
    const matching = files("env=production,region in (eu,us)");
    expect(names(compiledOk(matching))).toHaveLength(2);
    const elsewhere = compiledOk(files("env=staging"));
    expect(names(elsewhere)).toHaveLength(1);
    expect(elsewhere.warnings.map(({ reason }) => reason)).toEqual([
      "SelectorMatchesNothing",
    ]);
  });

  it("takes the first path candidate that is there", () => {
    const compiled = compiledOk(
      {
        [root]: annotated("path-candidates: '${CLUSTER_NAME},${ENV},base'"),
        "web/base/cm.yaml": configMapText("base"),
        "web/production/cm.yaml": configMapText("production"),
      },
      { cluster: { variables: { ENV: "production" } } },
    );
    expect(objectsOf(compiled, "/web")[0]?.metadata.name).toBe("production");
  });

  it("takes the fleet's root path where a cluster has none", () => {
    const { path: _, ...cluster } = { path: undefined, name: "edge-7" };
    const compiled = compilePlainly(
      { "roots/edge-7/cm.yaml": configMapText("x") },
      {
        cluster: { ...cluster, path: "roots/${CLUSTER_NAME}" },
      },
    );
    expect(compiled.ok).toBe(true);
  });
});
