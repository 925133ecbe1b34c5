import { type BundleName } from "@wheelhouse/assignment";
import {
  type BundleEvidence,
  type PruneCandidate,
  type PruneEvidence,
} from "./prune-evidence.ts";
import { type PruneStep, hold } from "./prune-step.ts";

/** A bundle may lose so many objects without being asked, or the share of its inventory if that is more. */
export const pruneBudget = { objects: 10, share: 0.2 } as const;

/** What the other rows said of one candidate. */
export interface JudgedCandidate {
  readonly candidate: PruneCandidate;
  readonly step: PruneStep;
}

/** On their way already, or sooner or later: several small passes must not add up to a large one. */
const countedReasons: ReadonlySet<string> = new Set([
  "Terminating",
  "AwaitsSecondPass",
  "Unreadable",
  "KindNotServed",
  "Adopted",
]);

/** What row 9 says of a bundle that loses too much. */
export interface OverBudget {
  readonly step: PruneStep;
  /** Whether it is so until its objects are named; false where only the bundle is empty. */
  readonly isLasting: boolean;
}

/** Row 9: which bundles would lose more than they may, or all. */
export function bundlesOverBudget(
  single: readonly JudgedCandidate[],
  { bundles, allowDelete }: PruneEvidence,
): ReadonlyMap<BundleName, OverBudget> {
  const counts = new Map<BundleName, number>();
  const marked = new Set<BundleName>();
  for (const { candidate, step } of single) {
    if (!isCounted(step)) continue;
    const { bundle, isOverBudget } = candidate.entry;
    counts.set(bundle, (counts.get(bundle) ?? 0) + 1);
    // What is left of a set that was over the budget is not a smaller set.
    if (isOverBudget && !allowDelete.has(candidate.key)) marked.add(bundle);
  }
  const over = new Map<BundleName, OverBudget>();
  for (const [name, count] of counts) {
    const judged = judgeBudget(count, bundles.get(name), marked.has(name));
    if (judged !== undefined) over.set(name, judged);
  }
  return over;
}

function isCounted(step: PruneStep): boolean {
  return step.kind === "delete" || countedReasons.has(step.reason);
}

function judgeBudget(
  count: number,
  bundle: BundleEvidence | undefined,
  wasOver: boolean,
): OverBudget | undefined {
  if (bundle === undefined) return undefined;
  const share = Math.floor(bundle.ownedObjects * pruneBudget.share);
  const budget = Math.max(pruneBudget.objects, share);
  const isLasting = wasOver || count > budget;
  if (bundle.isAssigned && bundle.desiredObjects === 0) {
    return {
      step: hold("EmptySource", "its bundle has become empty"),
      isLasting,
    };
  }
  if (!isLasting) return undefined;
  const allowed =
    count > budget
      ? `${budget} are allowed at once`
      : `what is left of more than ${budget}`;
  const step = bundle.isAssigned
    ? hold("OverBudget", `${count} deletions, ${allowed}`)
    : hold(
        "BundleRemoved",
        `its bundle is gone with ${count} objects, ${allowed}`,
      );
  return { step, isLasting };
}

/** What row 9 makes of a deletion that every other row lets pass. */
export function withinBudget(
  candidate: PruneCandidate,
  step: PruneStep,
  overBudget: ReadonlyMap<BundleName, OverBudget>,
  { allowDelete }: PruneEvidence,
): PruneStep {
  if (step.kind !== "delete" || allowDelete.has(candidate.key)) return step;
  return overBudget.get(candidate.entry.bundle)?.step ?? step;
}

/** Also what goes only later is of the set; what is on its way already is not held any more. */
export function isNewlyOver(
  { candidate, step }: JudgedCandidate,
  overBudget: ReadonlyMap<BundleName, OverBudget>,
  { allowDelete }: PruneEvidence,
): boolean {
  const { entry, key } = candidate;
  return (
    isCounted(step) &&
    step.reason !== "Terminating" &&
    entry.isOverBudget !== true &&
    !allowDelete.has(key) &&
    overBudget.get(entry.bundle)?.isLasting === true
  );
}
