import { type BundleName } from "@wheelhouse/assignment";
import { type BundleRecord } from "@wheelhouse/kube-apply";
import { type AssignmentPlan } from "./assignment-plan.ts";
import { checkedBundle } from "./dependency-state.ts";

/**
 * What a verdict about a bundle's health is about, as a text to be compared:
 * for the bundle, and for every bundle that its health checks name, directly
 * or by another's, the digest that the assignment wants, and the digest, the
 * late values and the time of what the durable record says was applied.
 */
export type HealthBasis = string;

/** The basis that a verdict about a bundle would have now: to be asked for before the look, never after it. */
export function healthBasisOf(
  plan: Pick<AssignmentPlan, "bundles">,
  name: BundleName,
  records: { get(name: BundleName): BundleRecord | undefined },
): HealthBasis {
  const lines: string[] = [];
  const names = new Set([name]);
  // What is added on the way is come to as well, and nothing twice: circles end.
  for (const one of names) {
    const assigned = plan.bundles.get(one)?.assigned;
    if (assigned === undefined) continue;
    const { applied, late, appliedAt } = records.get(one) ?? {};
    lines.push(
      JSON.stringify([one, assigned.digest, applied, late, appliedAt]),
    );
    for (const check of assigned.spec.healthChecks) {
      const checked = checkedBundle(check);
      if (checked !== undefined) names.add(checked);
    }
  }
  return lines.join("\n");
}
