import { type Digest } from "@wheelhouse/assignment";
import { type AssignmentPlan, artifactsOf } from "./assignment-plan.ts";
import { type PassResult } from "./keyed-loop.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** Artifacts younger than this may be on their way into an assignment, of this instance or another. */
export const collectAgeMs = 600_000;

/** What a collection looks at. */
export interface CollectionOptions extends Pick<
  ReconcilerOptions,
  "inventory" | "records" | "artifacts"
> {
  /** The wall as it was at the start and has gone on since: setting it makes no artifact older. */
  readonly steadyNowMs: number;
  /** What is worked on now; another one may come into force meanwhile. */
  readonly currentPlan: () => AssignmentPlan;
  /** Throws where another instance has a newer assignment. */
  readonly requireNewest: () => Promise<void>;
}

/** Deletes packs of artifacts that nobody needs any more. Most often there are none, and nothing is asked. */
export async function collectArtifacts(
  options: CollectionOptions,
): Promise<PassResult> {
  const { artifacts, steadyNowMs, requireNewest } = options;
  const kept = () => keptArtifacts(options);
  const olderThanMs = steadyNowMs - collectAgeMs;
  if (artifacts.hasGarbage(kept(), olderThanMs)) {
    await requireNewest();
    await artifacts.collect(kept, olderThanMs);
  }
  return { kind: "requeueAfter", delayMs: collectAgeMs, why: "artifacts" };
}

function keptArtifacts({
  currentPlan,
  inventory,
  records,
}: CollectionOptions): ReadonlySet<Digest> {
  const kept = new Set(artifactsOf(currentPlan().envelope));
  for (const [, { artifact }] of [
    ...inventory.entries(),
    ...records.entries(),
  ]) {
    if (artifact !== null) kept.add(artifact);
  }
  return kept;
}
