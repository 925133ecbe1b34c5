import { type LateReference } from "@wheelhouse/assignment";
import { type Problem } from "@wheelhouse/fleet-model";
import { locationOf } from "./exploration-state.ts";
import { type FoundBundle } from "./explored-bundle.ts";

/** References that nothing in Git answers, each worth a word: a name may be mistyped. */
export function lateWarnings(
  bundle: FoundBundle,
  late: readonly LateReference[],
): readonly Problem[] {
  return late.map(({ kind, namespace, name, optional }) => ({
    reason: "LateReference",
    subject: bundle.name,
    message: `substituteFrom: ${optional ? "optional " : ""}${kind}/${namespace}/${name} is not readable in Git; its values come from the cluster`,
    ...locationOf(bundle, ["spec", "postBuild", "substituteFrom"]),
  }));
}
