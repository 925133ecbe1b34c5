import { type KubeObject } from "@wheelhouse/kube-object";

/** The stages of an apply, in their order. */
export const stageNames = ["definitions", "classes", "rest"] as const;

/** The name of one stage. */
export type StageName = (typeof stageNames)[number];

/** Objects that may be applied at the same time, once the stages before are done. */
export interface Stage<T> {
  readonly name: StageName;
  readonly objects: readonly T[];
}

/**
 * Sorts objects into stages: namespaces and custom resource definitions, which
 * others need to exist; then classes and what else stands in no namespace;
 * then the rest. Empty stages are left out; the order within one is kept.
 */
export function planStages<T>(
  objects: readonly T[],
  objectOf: (item: T) => KubeObject,
): readonly Stage<T>[] {
  return stageNames
    .map((name) => ({
      name,
      objects: objects.filter((item) => stageOf(objectOf(item)) === name),
    }))
    .filter((stage) => stage.objects.length > 0);
}

/** The stage of one object. */
export function stageOf(object: KubeObject): StageName {
  if (isNamespace(object) || isDefinition(object)) return "definitions";
  if (isAdmission(object)) return "rest";
  const namespaced = typeof object.metadata["namespace"] === "string";
  return object.kind.endsWith("Class") || !namespaced ? "classes" : "rest";
}

/** Whether an object is a custom resource definition. */
export function isDefinition(object: KubeObject): boolean {
  return (
    object.kind === "CustomResourceDefinition" &&
    object.apiVersion.startsWith("apiextensions.k8s.io/")
  );
}

function isNamespace(object: KubeObject): boolean {
  return object.kind === "Namespace" && object.apiVersion === "v1";
}

/** Admission and aggregation reach into every later request, so they come with what serves them. */
function isAdmission(object: KubeObject): boolean {
  return (
    object.apiVersion.startsWith("admissionregistration.k8s.io/") ||
    object.apiVersion.startsWith("apiregistration.k8s.io/")
  );
}
