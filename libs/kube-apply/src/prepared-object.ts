import { isWhollyIgnored } from "@wheelhouse/drift";
import { type KubeObject, isSpokeState } from "@wheelhouse/kube-object";
import { type ApplyContext } from "./apply-context.ts";
import { type DesiredObject } from "./desired-object.ts";
import { type ObjectPolicy } from "./flux-annotations.ts";
import { type Claim } from "./object-claim.ts";
import { type ObjectOutcome, refuse } from "./object-outcome.ts";

/** An object as it was looked at before anything is written. */
export interface PreparedObject {
  readonly desired: DesiredObject;
  readonly live: KubeObject | undefined;
  readonly claim: Claim;
  readonly policy: ObjectPolicy;
  /** What is known without a further request; undefined where the object is still to be applied or judged. */
  readonly outcome: ObjectOutcome | undefined;
}

/** What needs no request at all: objects that are left alone, or are not ours to touch. */
export function outcomeByRule(
  desired: DesiredObject,
  live: KubeObject | undefined,
  claim: Claim,
  policy: ObjectPolicy,
  { spec }: ApplyContext,
): ObjectOutcome | undefined {
  const skip = (message: string) =>
    ({ kind: "skipped", message, live }) as const;
  if (isSpokeState(desired.id)) {
    return refuse("Protected", "it is the spoke's own state");
  }
  if (!policy.reconcile) return skip("reconcile is disabled on it");
  if (policy.ssa === "Ignore") return skip("ssa says Ignore");
  if (policy.ssa === "IfNotPresent" && live !== undefined) {
    return skip("ssa says IfNotPresent, and it is there");
  }
  if (
    live !== undefined &&
    isWhollyIgnored(desired.object, spec.drift.ignore)
  ) {
    return skip("an ignore rule covers all of it");
  }
  return claim.kind === "refused"
    ? refuse("OwnedByOther", claim.message)
    : undefined;
}
