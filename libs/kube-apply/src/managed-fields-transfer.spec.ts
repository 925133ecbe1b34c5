import { type JsonObject, type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { fluxObjection, fluxOwnersOf, helmRemains } from "./flux-owner.ts";
import { transferPatch } from "./managed-fields-transfer.ts";

const flux = "kustomize.toolkit.fluxcd.io";

function objectOf(metadata: JsonObject): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "app", namespace: "apps", ...metadata },
  };
}

function entry(manager: string, fieldsV1: JsonObject, rest: JsonObject = {}) {
  const operation = manager === "wheelhouse" ? "Apply" : "Update";
  return { manager, operation, apiVersion: "v1", fieldsV1, ...rest };
}

const data = (...names: readonly string[]) => ({
  "f:data": Object.fromEntries(names.map((name) => [`f:${name}`, {}])),
});

describe("what is transferred to us", () => {
  const desired = objectOf({});
  const live = objectOf({
    uid: "uid-1",
    resourceVersion: "7",
    labels: { [`${flux}/name`]: "apps", [`${flux}/namespace`]: "flux-system" },
    managedFields: [
      entry("kustomize-controller", data("a", "b")),
      entry("kubectl-edit", data("c")),
      entry("helm-controller", data("s"), { subresource: "status" }),
      entry("operator", data("d")),
      entry("wheelhouse", data("a")),
    ],
  });

  it("is what Flux's managers own, without the labels by which Flux knows the object", () => {
    expect(transferPatch(live, desired, false)).toEqual({
      metadata: {
        uid: "uid-1",
        resourceVersion: "7",
        labels: { [`${flux}/name`]: null, [`${flux}/namespace`]: null },
        managedFields: [
          entry("kubectl-edit", data("c")),
          entry("helm-controller", data("s"), { subresource: "status" }),
          entry("operator", data("d")),
          entry("wheelhouse", data("a", "b"), { fieldsType: "FieldsV1" }),
        ],
      },
    });
  });

  it("is kubectl's, too, where the bundle adopts, and never a stranger's", () => {
    const patch = transferPatch(live, desired, true) as {
      metadata: { managedFields: readonly JsonObject[] };
    };
    const { managedFields } = patch.metadata;
    expect(managedFields.map(({ manager }) => manager)).toEqual([
      "helm-controller",
      "operator",
      "wheelhouse",
    ]);
    expect(managedFields.at(-1)?.["fieldsV1"]).toEqual(data("a", "b", "c"));
  });

  it("is nothing where no such tool had the object", () => {
    const managedFields = [entry("operator", data("d"))];
    expect(transferPatch(objectOf({ managedFields }), desired, true)).toBe(
      undefined,
    );
  });

  it("leaves a label that Git has", () => {
    const labels = { [`${flux}/name`]: "x", [`${flux}/namespace`]: "y" };
    const wanted = objectOf({ labels });
    expect(transferPatch(objectOf({ labels }), wanted, true)).toBe(undefined);
  });
});

describe("who of Flux has an object", () => {
  it("is said by two labels together", () => {
    const labels = {
      [`${flux}/name`]: "apps",
      [`${flux}/namespace`]: "flux-system",
      "helm.toolkit.fluxcd.io/name": "podinfo",
    };
    expect(fluxOwnersOf(objectOf({ labels }))).toMatchObject([
      { kind: "Kustomization", namespace: "flux-system", name: "apps" },
    ]);
  });

  it.each([
    ["is not suspended", {}, /flux suspend kustomization apps -n flux-system$/],
    ["is, but not so in words", { suspend: "true" }, /is not suspended/],
  ])("objects where it %s", (_, spec, words) => {
    const [owner] = fluxOwnersOf(
      objectOf({
        labels: {
          [`${flux}/name`]: "apps",
          [`${flux}/namespace`]: "flux-system",
        },
      }),
    );
    if (owner === undefined) throw new Error("no owner");
    expect(fluxObjection(owner, { ...objectOf({}), spec })).toMatch(words);
    const suspended = { ...objectOf({}), spec: { suspend: true } };
    expect(fluxObjection(owner, suspended)).toBe(undefined);
  });

  it("says which Secrets Helm leaves", () => {
    const annotations = {
      "meta.helm.sh/release-name": "podinfo",
      "meta.helm.sh/release-namespace": "apps",
    };
    expect(helmRemains(objectOf({ annotations }))).toContain(
      "kubectl -n apps get secret -l owner=helm,name=podinfo",
    );
    expect(helmRemains(objectOf({}))).toBe(undefined);
  });
});
