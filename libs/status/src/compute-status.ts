import { type KubeObject, gvkOf } from "@wheelhouse/kube-object";
import { checkDeletion, checkGeneration } from "./generic-rules.ts";
import { kindRules } from "./kind-rules.ts";
import { conditionsOf, integerAt } from "./object-fields.ts";
import { current, failed, healthOf, inProgress } from "./object-health.ts";
import { type ObjectHealth, objectStatuses } from "./object-status.ts";

/** What a status is judged by, beside the object itself. */
export interface StatusOptions {
  /** Milliseconds since 1970. A pod that cannot be scheduled fails 15 s after its creation; without a clock it stays InProgress. */
  readonly now?: number;
  /** The generation that our apply returned: a live object that is older is InProgress, however green. */
  readonly minGeneration?: number;
}

/**
 * The status of a live object, as kstatus has it: rules for every object, then
 * rules by kind, then the Ready condition; what has none of these is Current.
 *
 * Where it differs from kstatus on purpose, `kstatusDifferences` says why.
 */
export function computeStatus(
  object: KubeObject,
  options: StatusOptions = {},
): ObjectHealth {
  return (
    checkDeletion(object) ??
    checkGeneration(object, options.minGeneration) ??
    checkStandardConditions(object) ??
    checkKind(object, options.now) ??
    checkReadyCondition(object) ??
    current("is there, and reports no conditions")
  );
}

function checkStandardConditions(object: KubeObject): ObjectHealth | undefined {
  for (const { type, status, message, reason } of conditionsOf(object)) {
    if (status !== "True") continue;
    if (type === "Reconciling") return inProgress(message || reason);
    if (type === "Stalled") return failed(message || reason);
  }
  return undefined;
}

function checkKind(
  object: KubeObject,
  now: number | undefined,
): ObjectHealth | undefined {
  const { group, kind } = gvkOf(object);
  const rule = kindRules.get(`${group}/${kind}`);
  return rule?.(object, now);
}

function checkReadyCondition(object: KubeObject): ObjectHealth | undefined {
  const ready = conditionsOf(object).find(({ type }) => type === "Ready");
  if (ready === undefined) return undefined;
  const generation = integerAt(object, "metadata", "generation") ?? 0;
  const observed = ready.observedGeneration ?? generation;
  if (observed < generation) {
    return inProgress(`generation ${generation}, Ready is about ${observed}`);
  }
  return ready.status === "True"
    ? current(ready.message || "is Ready")
    : inProgress(ready.message || ready.reason || "is not Ready");
}

/** The health of an object that a live read did not find. */
export const notFound: ObjectHealth = healthOf("NotFound", "is not there");

/** The worst of many healths, by the order of `objectStatuses`; undefined for none. */
export function worstHealth(
  healths: readonly ObjectHealth[],
): ObjectHealth | undefined {
  let worst: ObjectHealth | undefined;
  for (const health of healths) {
    if (worst === undefined || rank(health) < rank(worst)) worst = health;
  }
  return worst;
}

function rank({ status }: ObjectHealth): number {
  return objectStatuses.indexOf(status);
}
