import { describe, expect, it } from "vitest";
import {
  type CompiledOk,
  type PlainOptions,
  bundleOf,
  compiledOk,
  configMapText,
  fluxText,
  objectsOf,
  renderPlainly,
  resolvePlainly,
  said,
} from "./plain-fleet.fixture.ts";
import { type HelmRequest, type RenderRequest } from "./render-request.ts";
import { releaseNameOf } from "./release-request.ts";

const root = "clusters/prod/flux.yaml";

const releaseText = (spec = "", name = "web"): string =>
  `---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
  namespace: apps
spec:
  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
${spec}`;

const chart = {
  "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
  "charts/web/values.yaml": "replicas: 1\n",
  "charts/web/templates/x.yaml": "unused\n",
};

const source = (name: string, text: string): string =>
  `---\n# Source: web/${name}\n${text}`;

const cm = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";

/** Compiles with a helm that gives `output`, and keeps what it was asked. */
const compiled = (
  files: Readonly<Record<string, string>>,
  output: string = source("templates/x.yaml", cm),
  options: PlainOptions = {},
): {
  readonly compiled: CompiledOk;
  readonly asked: readonly HelmRequest[];
} => {
  const asked: HelmRequest[] = [];
  const render = (request: RenderRequest) => {
    if (request.program === "kustomize") return renderPlainly(request);
    asked.push(request);
    return { ok: true, output } as const;
  };
  return {
    compiled: compiledOk({ ...chart, ...files }, { ...options, render }),
    asked,
  };
};

const web = (
  spec: string,
  output?: string,
  files: Readonly<Record<string, string>> = {},
): CompiledOk =>
  compiled({ [root]: releaseText(spec), ...files }, output).compiled;

const valuesAsked = (
  spec: string,
  files: Readonly<Record<string, string>> = {},
): unknown => {
  const { asked, compiled: result } = compiled({
    [root]: releaseText(spec),
    ...files,
  });
  const [request] = asked;
  const values = request?.files.find(({ path }) => path === "values.json");
  return values === undefined
    ? result.problems.map(said)
    : JSON.parse(Buffer.from(values.bytes).toString("utf8"));
};

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

describe("values", () => {
  const base = `---\n${configMapText("base", '{values.yaml: "a: {b: 1, c: 1}\\nd: 1\\n", port: "8080"}').replace("namespace: web", "namespace: apps")}`;

  it("are merged in order, the inline ones last", () => {
    const spec =
      "  valuesFrom:\n    - {kind: ConfigMap, name: base}\n    - {kind: ConfigMap, name: base, valuesKey: port, targetPath: a.port}\n  values: {a: {b: 2, e: null}, d: null}\n";
    expect(valuesAsked(spec, { "clusters/prod/base.yaml": base })).toEqual({
      a: { b: 2, c: 1, port: 8080, e: null },
      d: null,
    });
  });

  it("wait for a ConfigMap that another bundle makes", () => {
    const spec = "  valuesFrom: [{kind: ConfigMap, name: base}]\n";
    const files = {
      "clusters/prod/infra.yaml": fluxText("infra", "./infra"),
      "infra/base.yaml": base,
    };
    expect(valuesAsked(spec, files)).toEqual({ a: { b: 1, c: 1 }, d: 1 });
  });

  it.each([
    [
      "{kind: Secret, name: token}",
      "",
      "LateValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: Secret/apps/token is not in Git; only the cluster may have it",
    ],
    [
      "{kind: Secret, name: token}",
      "---\napiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: apps}\nstringData: {values.yaml: 'ENC[x]'}\nsops: {}\n",
      "LateValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: Secret/apps/token is encrypted in Git, or finished in the cluster",
    ],
    [
      "{kind: ConfigMap, name: base, valuesKey: gone}",
      base,
      "InvalidValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: ConfigMap/apps/base: has no key gone",
    ],
    [
      "{kind: ConfigMap, name: base, valuesKey: port}",
      base,
      "InvalidValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: ConfigMap/apps/base: port: is not one map of values",
    ],
  ])("of %s hold the release where they cannot be read", (...row) => {
    const [reference, object, problem] = row;
    const spec = `  valuesFrom: [${reference}]\n`;
    const result = web(spec, undefined, { "clusters/prod/base.yaml": object });
    expect(result.problems.map(said)).toContain(problem);
    expect(bundleOf(result, "/web").spec.held).not.toBeNull();
  });

  it("count as empty where they are optional and not in Git, with a word", () => {
    const spec =
      "  valuesFrom: [{kind: Secret, name: token, optional: true}, {kind: ConfigMap, name: base, valuesKey: gone, optional: true}]\n  values: {a: 1}\n";
    const files = { "clusters/prod/base.yaml": base };
    expect(valuesAsked(spec, files)).toEqual({ a: 1 });
    expect(web(spec, undefined, files).warnings.map(said)).toContain(
      "LateValues clusters/prod/flux.yaml:9: spec.valuesFrom[0]: Secret/apps/token is not in Git, is optional, and counts as empty",
    );
  });

  it("of files stand in the place of the chart's own", () => {
    const text = releaseText().replace(
      "chart: ./charts/web,",
      "chart: ./charts/web, valuesFiles: [charts/web/values.yaml, prod.yaml, gone.yaml], ignoreMissingValuesFiles: true,",
    );
    const { asked } = compiled({ [root]: text, "prod.yaml": "b: 2\n" });
    const file = asked[0]?.files.find(
      ({ path }) => path === "chart/values.yaml",
    );
    expect(Buffer.from(file?.bytes ?? []).toString()).toBe(
      '{"b":2,"replicas":1}',
    );
    const strict = compiled({ [root]: text.replace(", ignoreMissing", ", x") });
    expect(strict.compiled.problems.map(({ reason }) => reason)).toContain(
      "UnknownField",
    );
  });
});

describe("what a chart gives", () => {
  const crd = (scope: string) =>
    `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\nspec: {group: example.com, scope: ${scope}, names: {kind: Thing}}\n`;

  it("lies in the release's namespace, where it needs one", () => {
    const output = [
      source("crds/thing.yaml", crd("Cluster")),
      source(
        "templates/all.yaml",
        [
          cm,
          "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r, namespace: apps}\n",
          "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\n",
          "apiVersion: other.com/v1\nkind: ClusterThing\nmetadata: {name: c}\n",
          "apiVersion: other.com/v1\nkind: Other\nmetadata: {name: o}\n",
          "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: elsewhere}\n",
        ].join("---\n"),
      ),
    ].join("");
    const places = objectsOf(web("", output), "/web").map(
      ({ kind, metadata }) => `${kind} ${String(metadata["namespace"])}`,
    );
    expect(places.sort()).toEqual([
      "ClusterRole undefined",
      "ClusterThing undefined",
      "ConfigMap apps",
      "CustomResourceDefinition undefined",
      "Other apps",
      "Secret elsewhere",
      "Thing undefined",
    ]);
  });

  it.each([
    ["", { prune: "disabled", ssa: "IfNotPresent" }],
    ["  upgrade: {crds: CreateReplace}\n", { prune: "disabled" }],
  ])("has definitions by policy: %j", (spec, marks) => {
    const output = source("crds/thing.yaml", crd("Namespaced"));
    const [object] = objectsOf(web(spec, output), "/web");
    expect(object?.metadata["annotations"]).toEqual(
      Object.fromEntries(
        Object.entries(marks).map(([key, value]) => [
          `kustomize.toolkit.fluxcd.io/${key}`,
          value,
        ]),
      ),
    );
  });

  it("is asked for without definitions where they are skipped", () => {
    const { asked } = compiled({
      [root]: releaseText("  install: {crds: Skip}\n"),
    });
    expect(asked[0]?.release.includeCrds).toBe(false);
  });

  it("knows a definition among the templates for an ordinary object", () => {
    const output = source("templates/crds/thing.yaml", crd("Namespaced"));
    const [object] = objectsOf(web("", output), "/web");
    expect(object?.metadata).not.toHaveProperty("annotations");
  });

  it("is kept when the chart says so", () => {
    const output = source(
      "templates/x.yaml",
      cm.replace(
        "name: x",
        "name: x, annotations: {helm.sh/resource-policy: keep}",
      ),
    );
    const [object] = objectsOf(web("", output), "/web");
    expect(object?.metadata["annotations"]).toEqual({
      "helm.sh/resource-policy": "keep",
      "kustomize.toolkit.fluxcd.io/prune": "disabled",
    });
  });

  it("is taken out of lists, and may be nothing", () => {
    const output =
      source("templates/a.yaml", "# nothing\n") +
      source(
        "templates/b.yaml",
        "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n",
      );
    const result = web("", output);
    expect(
      objectsOf(result, "/web").map(({ metadata }) => metadata.name),
    ).toEqual(["a", "b"]);
    expect(bundleOf(web("", ""), "/web").spec.held).toBeNull();
  });

  it("has common labels, and passes the post-renderers in order", () => {
    const spec =
      "  commonMetadata: {labels: {team: shop}}\n  postRenderers: [{kustomize: {images: [{name: a, newTag: '1'}]}}, {kustomize: {patches: [{patch: 'x'}]}}]\n";
    const kustomizations: string[] = [];
    const result = compiledOk(
      { ...chart, [root]: releaseText(spec) },
      {
        render: (request) => {
          if (request.program === "helm") {
            return { ok: true, output: source("templates/x.yaml", cm) };
          }
          const own = request.files.find(
            ({ path }) => path === "kustomization.yaml",
          );
          if (own === undefined) return renderPlainly(request);
          kustomizations.push(Buffer.from(own.bytes).toString());
          return renderPlainly(request);
        },
      },
    );
    const made = kustomizations.map(
      (text) => JSON.parse(text) as Record<string, unknown>,
    );
    expect(made).toMatchObject([
      { images: [{ name: "a", newTag: "1" }], patches: [] },
      { images: [], patches: [{ patch: "x" }] },
    ]);
    expect(objectsOf(result, "/web")[0]?.metadata).toEqual({
      name: "x",
      namespace: "apps",
      labels: { team: "shop" },
    });
  });
});

describe("definitions that two bundles bring", () => {
  const crd =
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\nspec: {group: example.com, scope: Namespaced, names: {kind: Thing}}\n";
  const output = source("crds/thing.yaml", crd);
  const kindsOf = (result: CompiledOk, name: string): readonly string[] =>
    objectsOf(result, name).map(({ kind }) => kind);

  it("stay with the first release by name", () => {
    const { compiled: result } = compiled(
      { [root]: releaseText("", "web") + releaseText("", "blog") },
      output,
    );
    expect(result.problems).toEqual([]);
    expect(kindsOf(result, "apps/blog")).toEqual(["CustomResourceDefinition"]);
    expect(kindsOf(result, "apps/web")).toEqual([]);
  });

  it("stay with a bundle that has them as objects of its own", () => {
    const { compiled: result } = compiled(
      { [root]: releaseText(), "clusters/prod/crd.yaml": crd },
      output,
    );
    expect(result.problems).toEqual([]);
    expect(kindsOf(result, "apps/web")).toEqual([]);
    expect(kindsOf(result, "/(root)")).toEqual(["CustomResourceDefinition"]);
  });

  it("are a conflict where both would be applied, and differ", () => {
    const { compiled: result } = compiled(
      {
        [root]:
          releaseText("  upgrade: {crds: CreateReplace}\n") +
          fluxText("crds", "./crds"),
        "crds/crd.yaml": crd,
      },
      output,
    );
    expect(result.problems.map(({ reason }) => reason)).toEqual([
      "DuplicateObject",
    ]);
  });
});

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
        message: `clusters/prod/flux.yaml:7: hooks: are not run yet: Job/migrate (web/templates/job.yaml): ${events.replaceAll(",", ", ")}`,
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
