import { type KubeObject } from "@wheelhouse/kube-object";
import { integerAt, textAt } from "./object-fields.ts";
import { healthOf, inProgress } from "./object-health.ts";
import { type ObjectHealth } from "./object-status.ts";

/** Terminating, for an object that is being deleted. */
export function checkDeletion(object: KubeObject): ObjectHealth | undefined {
  return textAt(object, "metadata", "deletionTimestamp") === ""
    ? undefined
    : healthOf("Terminating", "is being deleted");
}

/** InProgress, for an object that is older than what was applied, or not observed since its last change. */
export function checkGeneration(
  object: KubeObject,
  minGeneration: number | undefined,
): ObjectHealth | undefined {
  return (
    checkApplied(object, minGeneration) ??
    checkObserved(object, observedGenerationOf(object))
  );
}

/** As `checkGeneration`, but a generation that is written as text is left to whoever wrote expressions for it, as in Flux. */
export function checkPlainGeneration(
  object: KubeObject,
  minGeneration: number | undefined,
): ObjectHealth | undefined {
  const observed = integerAt(object, "status", "observedGeneration");
  return checkApplied(object, minGeneration) ?? checkObserved(object, observed);
}

function checkApplied(
  object: KubeObject,
  minGeneration: number | undefined,
): ObjectHealth | undefined {
  const generation = integerAt(object, "metadata", "generation");
  return generation !== undefined &&
    minGeneration !== undefined &&
    generation < minGeneration
    ? inProgress(
        `generation ${generation} is older than ${minGeneration}, which was applied`,
      )
    : undefined;
}

function checkObserved(
  object: KubeObject,
  observed: number | undefined,
): ObjectHealth | undefined {
  const generation = integerAt(object, "metadata", "generation");
  return generation === undefined ||
    observed === undefined ||
    observed === generation
    ? undefined
    : inProgress(`generation ${generation}, observed ${observed}`);
}

/** Some controllers write the number as text, such as Argo's for a Rollout. */
function observedGenerationOf(object: KubeObject): number | undefined {
  const text = textAt(object, "status", "observedGeneration");
  return /^\d{1,15}$/.test(text)
    ? Number(text)
    : integerAt(object, "status", "observedGeneration");
}
