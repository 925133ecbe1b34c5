import { describe, expect, it } from "vitest";
import {
  chart,
  cm,
  compiled,
  releaseText,
  root,
  source,
  web,
} from "./helm-release.fixture.ts";
import {
  type CompiledOk,
  bundleOf,
  compiledOk,
  fluxText,
  objectsOf,
  renderPlainly,
} from "./plain-fleet.fixture.ts";

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
