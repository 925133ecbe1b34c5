import { describe, expect, it } from "vitest";
import {
  type KustomizationEdits,
  noEdits,
  parseYaml,
} from "@wheelhouse/fleet-model";
import { type Json } from "@wheelhouse/kube-object";
import { prepareBuild } from "./build-input.ts";
import { configMapText, treeOf } from "./plain-fleet.fixture.ts";

const files = {
  "web/kustomization.yaml": `resources: [cm.yaml]
images: [{name: a, newTag: "1"}, {name: b, newTag: "1"}]
patches: [{patch: own}]
components: [./first]
namePrefix: own-
`,
  "web/cm.yaml": configMapText("x"),
  "web/first/kustomization.yaml": "kind: Component\n",
  "web/second/kustomization.yaml": "kind: Component\n",
  "plain/cm.yaml": configMapText("x"),
  "loose/cm.yaml": configMapText("x"),
  "loose/kustomization.yaml": `resources: [cm.yaml]
nameSuffix: -1
images: [{name: a, newTag: 1.10}]
commonLabels: {version: 2, "on": true}
labels: [{pairs: {a: 1}, includeSelectors: true}]
replicas: [{name: x, count: 3}]
`,
  "only/kustomization.yaml": "components: [../web/first]\n",
};

const kustomizationOf = (
  edits: Partial<KustomizationEdits>,
  path = "web",
): Json | readonly string[] => {
  const input = prepareBuild(treeOf(files), {
    path,
    edits: { ...noEdits, ...edits },
    absent: "held",
  });
  if (!input.ok) return input.problems.map(({ message }) => message);
  const file = input.request.files.find(
    (one) => one.path === `${path}/kustomization.yaml`,
  );
  const parsed = parseYaml("k", file?.bytes ?? "");
  return parsed.ok ? (parsed.documents[0]?.value ?? null) : null;
};

describe("a kustomization", () => {
  it("stays as it is written where nothing is added", () => {
    const input = prepareBuild(treeOf(files), {
      path: "web",
      edits: noEdits,
      absent: "held",
    });
    const [file] = input.ok
      ? input.request.files.filter(({ path }) =>
          path.endsWith("web/kustomization.yaml"),
        )
      : [];
    expect(Buffer.from(file?.bytes ?? []).toString()).toBe(
      files["web/kustomization.yaml"],
    );
  });

  it("gets what a Flux Kustomization adds, after its own", () => {
    expect(
      kustomizationOf({
        targetNamespace: "web",
        namePrefix: "flux-",
        nameSuffix: "-1",
        components: ["./second"],
        patches: [{ patch: "more", target: { kind: "ConfigMap" } }],
        patchesStrategicMerge: ['{"kind":"ConfigMap"}'],
        patchesJson6902: [{ patch: "[]", target: { kind: "ConfigMap" } }],
      }),
    ).toMatchObject({
      namespace: "web",
      namePrefix: "flux-",
      nameSuffix: "-1",
      components: ["./first", "./second"],
      patches: [
        { patch: "own" },
        { patch: "more", target: { kind: "ConfigMap" } },
      ],
      patchesStrategicMerge: ['{"kind":"ConfigMap"}'],
      patchesJson6902: [{ patch: "[]", target: { kind: "ConfigMap" } }],
    });
  });

  it("has an image replaced whole, or appended", () => {
    const images = [
      { name: "b", newName: "c" },
      { name: "d", newTag: "2" },
    ];
    expect(kustomizationOf({ images })).toMatchObject({
      images: [{ name: "a", newTag: "1" }, ...images],
    });
  });

  it("has text where text must be, as Flux reads it", () => {
    expect(kustomizationOf({}, "loose")).toEqual({
      resources: ["cm.yaml"],
      nameSuffix: "-1",
      images: [{ name: "a", newTag: "1.1" }],
      commonLabels: { version: "2", on: "true" },
      labels: [{ pairs: { a: "1" }, includeSelectors: true }],
      replicas: [{ name: "x", count: 3 }],
    });
  });

  it("is marked where it has no resources, and left alone where it is made", () => {
    expect(kustomizationOf({}, "only")).toMatchObject({
      buildMetadata: ["originAnnotations"],
    });
    expect(kustomizationOf({}, "plain")).not.toHaveProperty("buildMetadata");
  });

  it("is refused with a component that is not there, unless that is asked for", () => {
    expect(kustomizationOf({ components: ["./third"] })).toEqual([
      "components[1]: ./third: does not exist",
    ]);
    expect(
      kustomizationOf({
        components: ["./third"],
        ignoreMissingComponents: true,
      }),
    ).toMatchObject({ components: ["./first"] });
  });
});
