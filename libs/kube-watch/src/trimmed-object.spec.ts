import { type KubeObject } from "@wheelhouse/kube-object";
import { expect, test } from "vitest";
import { trimObject } from "./trimmed-object.ts";

test("a Secret is kept without any of its values", () => {
  const secret: KubeObject = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "s",
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration": "hunter2",
        kept: "yes",
      },
      managedFields: [{ manager: "x" }],
    },
    data: { password: "hunter2" },
    stringData: { password: "hunter2" },
    type: "Opaque",
  };
  expect(trimObject(secret)).toEqual({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", annotations: { kept: "yes" } },
    type: "Opaque",
  });
});

test("a workload is kept without its pods' template, but with what its status is judged by", () => {
  const deployment: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d", generation: 2, labels: { a: "b" } },
    spec: {
      replicas: 2,
      progressDeadlineSeconds: 600,
      template: { spec: { containers: [] } },
    },
    status: { observedGeneration: 2 },
  };
  expect(trimObject(deployment)).toEqual({
    ...deployment,
    spec: { replicas: 2, progressDeadlineSeconds: 600 },
  });
});

test("a definition is kept without its schemas", () => {
  const definition: KubeObject = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.org" },
    spec: {
      group: "example.org",
      versions: [{ name: "v1", served: true, schema: { large: true } }],
    },
  };
  expect(trimObject(definition)["spec"]).toEqual({
    group: "example.org",
    versions: [{ name: "v1", served: true }],
  });
});

test("an object of unexpected shape is kept as it is", () => {
  const odd = {
    apiVersion: "v1",
    kind: "Odd",
    metadata: { name: "o", annotations: null },
    spec: { versions: "x" },
  };
  expect(trimObject(odd)["spec"]).toEqual({ versions: "x" });
});
