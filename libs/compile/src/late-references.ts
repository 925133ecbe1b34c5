import { type LateReference } from "@wheelhouse/assignment";
import { type Problem } from "@wheelhouse/fleet-model";
import { locationOf } from "./exploration-state.ts";
import { type FoundBundle } from "./explored-bundle.ts";

/** References that hold a bundle: what they name exists only in the cluster, or is encrypted. */
export function lateProblems(
  bundle: FoundBundle,
  late: readonly LateReference[],
): readonly Problem[] {
  return late
    .filter(({ optional }) => !optional)
    .map(({ kind, namespace, name }) => ({
      reason: "LateReference",
      subject: bundle.name,
      message: `substituteFrom: ${kind}/${namespace}/${name} is not readable in Git; values that exist only in the cluster are not built yet`,
      advice: "Mark it optional to count it as empty, or put it into Git",
      ...locationOf(bundle, ["spec", "postBuild", "substituteFrom"]),
    }));
}

/** References that are taken for empty, each worth a word. */
export function lateWarnings(
  bundle: FoundBundle,
  late: readonly LateReference[],
): readonly Problem[] {
  return late.map(({ kind, namespace, name, optional }) => ({
    reason: "LateReference",
    subject: bundle.name,
    message: `substituteFrom: ${optional ? "optional " : ""}${kind}/${namespace}/${name} is not in Git and counts as empty`,
    ...locationOf(bundle, ["spec", "postBuild", "substituteFrom"]),
  }));
}
