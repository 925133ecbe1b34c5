import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { planStages } from "./stages.ts";

const object = (apiVersion: string, kind: string, namespace?: string) =>
  ({
    apiVersion,
    kind,
    metadata: { name: kind.toLowerCase(), ...(namespace ? { namespace } : {}) },
  }) satisfies KubeObject;

describe("stages", () => {
  it("bring what others need first, then classes and what is in no namespace, then the rest", () => {
    const objects = [
      object("apps/v1", "Deployment", "webapp"),
      object("rbac.authorization.k8s.io/v1", "ClusterRole"),
      object("v1", "Namespace"),
      object("storage.k8s.io/v1", "StorageClass"),
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
      object("v1", "ConfigMap", "webapp"),
    ];
    const stages = planStages(objects, (one) => one);
    expect(
      stages.map(({ name, objects: of }) => [name, of.map(({ kind }) => kind)]),
    ).toEqual([
      ["definitions", ["Namespace", "CustomResourceDefinition"]],
      ["classes", ["ClusterRole", "StorageClass"]],
      ["rest", ["Deployment", "ConfigMap"]],
    ]);
  });

  it("bring admission with the rest, since it reaches into every later request", () => {
    const webhook = object(
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
    );
    expect(planStages([webhook], (one) => one)[0]?.name).toBe("rest");
  });

  it("leave out what is empty", () => {
    expect(planStages([], (one: KubeObject) => one)).toEqual([]);
  });
});
