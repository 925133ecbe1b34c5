import { describe, expect, it } from "vitest";
import { decodeObjects } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { type CompiledCluster } from "./compiled-cluster.ts";
import {
  type PlainOptions,
  compilePlainly,
  configMapText,
  fluxText,
} from "./plain-fleet.fixture.ts";

const compiledOk = (
  files: Readonly<Record<string, string>>,
  options?: PlainOptions,
): Extract<CompiledCluster, { ok: true }> => {
  const compiled = compilePlainly(files, options);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled;
};

const bundleOf = (
  compiled: Extract<CompiledCluster, { ok: true }>,
  name: string,
) => {
  const bundle = compiled.bundles.find(({ spec }) => spec.name.endsWith(name));
  if (bundle === undefined) throw new Error(`no bundle ${name}`);
  return bundle;
};

const objectsOf = (
  compiled: Extract<CompiledCluster, { ok: true }>,
  name: string,
): readonly KubeObject[] => {
  const digest = bundleOf(compiled, name).spec.artifact?.digest ?? "";
  const artifact = compiled.artifacts.get(digest);
  return artifact === undefined ? [] : decodeObjects(artifact.bytes);
};

const names = (compiled: Extract<CompiledCluster, { ok: true }>) =>
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
      healthChecks: [{ kind: "Deployment", name: "d" }],
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

describe("variables", () => {
  const exposed = [{ namespace: "flux-system", name: "cluster-vars" }];

  it("substitutes the root with the cluster's variables, and bundles by substituteFrom", () => {
    const compiled = compiledOk(
      {
        "clusters/prod/root.yaml": configMapText("root", "{v: '${REGION}$$'}"),
        [root]: fluxText(
          "web",
          "./web/${REGION}",
          "  postBuild:\n    substitute: {OWN: inline, REGION: '$${REGION}'}\n    substituteFrom: [{kind: ConfigMap, name: cluster-vars}]\n",
        ),
        "web/eu/cm.yaml": configMapText(
          "web",
          "{v: '${REGION} ${OWN} ${ENV}'}",
        ),
      },
      {
        cluster: {
          variables: { REGION: "eu", ENV: "production" },
          exposeVariablesAs: exposed,
        },
      },
    );
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({ v: "eu$" });
    expect(objectsOf(compiled, "/web")[0]?.["data"]).toEqual({
      v: "${REGION} inline production",
    });
  });

  it("leaves everything as it is where there is no variable", () => {
    const compiled = compiledOk({
      "clusters/prod/cm.yaml": configMapText("cm", "{v: '${X:=default}$$'}"),
    });
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({
      v: "${X:=default}$$",
    });
  });

  it("draws from a ConfigMap that another bundle renders", () => {
    const compiled = compiledOk({
      [root]:
        fluxText(
          "a-web",
          "./web",
          "  postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}\n",
        )
          .replace("namespace: flux-system\nspec", "namespace: web\nspec")
          .replace(
            "name: flux-system}",
            "name: flux-system, namespace: flux-system}",
          ) + fluxText("settings", "./settings"),
      "settings/cm.yaml": configMapText("settings", '{COLOR: "blue\\n"}'),
      "web/cm.yaml": configMapText("web", "{v: '${COLOR}'}"),
    });
    expect(compiled.problems).toEqual([]);
    expect(objectsOf(compiled, "web/a-web")[0]?.["data"]).toEqual({
      v: "blue",
    });
  });

  it("respects substitute: disabled", () => {
    const text = configMapText("cm", "{v: '${X}'}").replace(
      "  namespace: web\n",
      "  namespace: web\n  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}\n",
    );
    const compiled = compiledOk(
      { "clusters/prod/cm.yaml": text },
      { cluster: { variables: { X: "x" } } },
    );
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({ v: "${X}" });
  });

  it("warns of a scalar that turned null, and of a blanked variable", () => {
    const compiled = compiledOk(
      {
        "clusters/prod/cm.yaml":
          "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm\ndata:\n  color: ${COLOR}\n  who: a ${DS_PROMETHEUS} b\n",
      },
      { cluster: { variables: { COLOR: "#34577c" } } },
    );
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({
      color: null,
      who: "a  b",
    });
    expect(
      compiled.warnings.map(({ reason, message }) => `${reason} ${message}`),
    ).toEqual([
      "VariableNotSet ConfigMap/cm: ${DS_PROMETHEUS} is not set and becomes empty",
      "ScalarChangedType ConfigMap/cm: data.color was text and is no scalar after substitution",
    ]);
  });

  it("keeps the quotes that a value brings along", () => {
    const compiled = compiledOk(
      {
        "clusters/prod/cm.yaml":
          "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm\ndata:\n  color: ${COLOR}\n",
      },
      { cluster: { variables: { COLOR: '"#34577c"' } } },
    );
    expect(objectsOf(compiled, "(root)")[0]?.["data"]).toEqual({
      color: "#34577c",
    });
  });

  it("holds a late reference, and counts an optional one as empty", () => {
    const compiled = compiledOk({
      [root]:
        fluxText(
          "late",
          "./web",
          "  postBuild:\n    substituteFrom:\n      - {kind: Secret, name: s}\n",
        ) +
        fluxText(
          "optional",
          "./opt",
          "  postBuild:\n    substitute: {A: a}\n    substituteFrom:\n      - {kind: Secret, name: s, optional: true}\n",
        ),
      "web/cm.yaml": configMapText("web"),
      "opt/cm.yaml": configMapText("opt", "{v: '${A}${S}'}"),
    });
    expect(bundleOf(compiled, "/late").spec).toMatchObject({
      artifact: null,
      held: { reason: "LateReference" },
      lateReferences: [
        {
          kind: "Secret",
          namespace: "flux-system",
          name: "s",
          optional: false,
        },
      ],
    });
    expect(objectsOf(compiled, "/optional")[0]?.["data"]).toEqual({ v: "a" });
    expect(compiled.warnings[0]).toMatchObject({
      reason: "VariableNotSet",
    });
  });
});
