import {
  type BundleEvidence,
  type PruneCandidate,
  type PruneEvidence,
} from "./prune-evidence.ts";
import { type PruneStep, hold, keep } from "./prune-step.ts";

/** Row 4: in the inventory, and desired by no bundle at all. */
export function checkDesired(
  { key }: PruneCandidate,
  { desiredBy }: PruneEvidence,
): PruneStep | undefined {
  const bundle = desiredBy(key);
  return bundle === undefined
    ? undefined
    : keep("StillDesired", `${bundle} has it`);
}

/** Rows 1 and 2: the assignment is sound, the newest, still named as such by a hub, and wholly built. */
export function checkAssignment({
  assignment,
  unsoundBundles,
}: PruneEvidence): PruneStep | undefined {
  if (!assignment.isVerified) {
    return keep("NotVerified", "the assignment is not verified");
  }
  if (!assignment.isDelegationValid) {
    return hold("DelegationExpired", "the hub's delegation has expired");
  }
  if (!assignment.isFresh) {
    return hold("Unfresh", "no hub has named the newest assignment lately");
  }
  if (!assignment.isNewest) {
    return keep("NotNewest", "a newer assignment is acknowledged");
  }
  const [unsound] = unsoundBundles;
  return unsound === undefined
    ? undefined
    : keep("NotAllBuilt", `${unsound} could not be built or read`);
}

/** Row 3: the inventory was read whole. */
export function checkInventory(
  _candidate: PruneCandidate,
  { inventoryProblem }: PruneEvidence,
): PruneStep | undefined {
  return inventoryProblem === undefined
    ? undefined
    : hold("InventoryUnknown", inventoryProblem);
}

/** Row 2 again, and what the bundle itself says about pruning. */
export function checkBundle(
  { entry }: PruneCandidate,
  { bundles }: PruneEvidence,
): PruneStep | undefined {
  const bundle = bundles.get(entry.bundle);
  if (bundle === undefined) {
    return hold("BundleUnknown", `nothing is recorded of ${entry.bundle}`);
  }
  if (!bundle.isAssigned) return checkLeaving(bundle);
  if (bundle.isSuspended) return keep("Suspended", "its bundle is suspended");
  if (!bundle.prune) return keep("PruneOff", "its bundle does not prune");
  return bundle.isApplied
    ? undefined
    : keep("ApplyFailed", "its bundle is not applied without error yet");
}

function checkLeaving(bundle: BundleEvidence): PruneStep | undefined {
  return isOrphaned(bundle) || bundle.isApplied
    ? undefined
    : keep("ApplyFailed", "not every bundle is applied without error yet");
}

/** Row 2 for a bundle that left while it was suspended: what somebody froze is deleted only when named. */
export function checkFrozen(
  { entry, key }: PruneCandidate,
  { bundles, allowDelete }: PruneEvidence,
): PruneStep | undefined {
  const bundle = bundles.get(entry.bundle);
  const isFrozen = bundle?.isAssigned === false && bundle.isSuspended;
  return isFrozen && !allowDelete.has(key)
    ? hold("Suspended", "its bundle left while it was suspended")
    : undefined;
}

/** Whether a bundle left in a way that lets its objects be. */
export function isOrphaned(bundle: BundleEvidence): boolean {
  return (
    !bundle.isAssigned &&
    (bundle.deletionPolicy === "Orphan" ||
      (bundle.deletionPolicy === "MirrorPrune" && !bundle.prune))
  );
}
