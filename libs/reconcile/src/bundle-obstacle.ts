import { type ObjectResult } from "@wheelhouse/kube-apply";
import { type BundleObstacle } from "./bundle-state.ts";
import { objectMessage } from "./object-message.ts";

/** Refusals that another bundle may mend, so that waiting is not in vain. */
const hopefulReasons: ReadonlySet<string> = new Set([
  "UnknownKind",
  "NotFound",
  "NotEstablished",
]);

/** The first refusal that only a person can mend, or else the first of all. */
export function obstacleOf(
  results: readonly ObjectResult[],
): BundleObstacle | undefined {
  const refusals = results.flatMap(({ desired, outcome }) =>
    outcome.kind === "refused" ? [{ desired, outcome }] : [],
  );
  const isFinal = ({ outcome }: (typeof refusals)[number]) =>
    !outcome.isTransient && !hopefulReasons.has(outcome.reason);
  const worst = refusals.find(isFinal) ?? refusals[0];
  if (worst === undefined) return undefined;
  const { desired, outcome } = worst;
  return {
    reason: outcome.reason,
    message: objectMessage(desired.id, outcome.message).slice(0, 1024),
    isFinal: isFinal(worst),
  };
}
