import {
  type KubeObject,
  fluxAnnotationGroup,
  isJsonObject,
} from "@wheelhouse/kube-object";

/** How server-side apply treats one object, in Flux's words. */
export type SsaPolicy = "Override" | "Merge" | "IfNotPresent" | "Ignore";

/** What the annotations of Flux say about one object. */
export interface ObjectPolicy {
  /** Undefined where the object does not say. */
  readonly ssa: SsaPolicy | undefined;
  readonly reconcile: boolean;
  readonly prune: boolean;
  /** Whether it may be deleted and created anew where a field cannot be changed. */
  readonly recreate: boolean;
}

/** Reads the policy of an object as written; a live object's own `reconcile` and `prune` annotations count as well. */
export function policyOf(
  desired: KubeObject | undefined,
  live?: KubeObject,
): ObjectPolicy {
  const says = (name: string, ...values: readonly string[]) =>
    [desired, live].some((object) =>
      values.includes(annotationOf(object, name)?.toLowerCase() ?? ""),
    );
  return {
    ssa: parseSsa(annotationOf(desired, "ssa")),
    reconcile: !says("reconcile", "disabled"),
    prune: !says("prune", "disabled", "preserve"),
    recreate: annotationOf(desired, "force")?.toLowerCase() === "enabled",
  };
}

function parseSsa(text: string | undefined): SsaPolicy | undefined {
  const policies = ["Override", "Merge", "IfNotPresent", "Ignore"] as const;
  return policies.find(
    (policy) => policy.toLowerCase() === text?.toLowerCase(),
  );
}

function annotationOf(
  object: KubeObject | undefined,
  name: string,
): string | undefined {
  const annotations = object?.metadata["annotations"];
  const value = isJsonObject(annotations)
    ? annotations[`${fluxAnnotationGroup}/${name}`]
    : undefined;
  return typeof value === "string" ? value : undefined;
}
