import { type AssignmentPlan, artifactsOf } from "./assignment-plan.ts";
import { type PassResult } from "./keyed-loop.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** Artifacts younger than this may be on their way into an assignment, of this instance or another. */
export const collectAgeMs = 600_000;

/** Deletes packs of artifacts that nobody needs any more. Most often there are none, and nothing is asked. */
export async function collectArtifacts(
  options: Pick<ReconcilerOptions, "inventory" | "records" | "artifacts"> & {
    /** The wall as it was at the start and has gone on since: setting it makes no artifact older. */
    readonly steadyNowMs: number;
  },
  plan: AssignmentPlan,
  requireNewest: () => Promise<void>,
): Promise<PassResult> {
  const { inventory, records, artifacts, steadyNowMs } = options;
  const kept = new Set(artifactsOf(plan.envelope));
  for (const [, { artifact }] of inventory.entries()) {
    if (artifact !== null) kept.add(artifact);
  }
  for (const [, { artifact }] of records.entries()) {
    if (artifact !== null) kept.add(artifact);
  }
  const olderThanMs = steadyNowMs - collectAgeMs;
  if (artifacts.hasGarbage(kept, olderThanMs)) {
    await requireNewest();
    await artifacts.collect(kept, olderThanMs);
  }
  return { kind: "requeueAfter", delayMs: collectAgeMs, why: "artifacts" };
}
