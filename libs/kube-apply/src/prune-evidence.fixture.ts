import { type BundleName } from "@wheelhouse/assignment";
import { type BundleEvidence, type PruneEvidence } from "./prune-evidence.ts";

/** A bundle that is assigned, applied and pruned. */
export const soundBundle: BundleEvidence = {
  isAssigned: true,
  isSuspended: false,
  desiredObjects: 5,
  ownedObjects: 6,
  isApplied: true,
  prune: true,
  deletionPolicy: "MirrorPrune",
};

/** Evidence under which nothing stands in a deletion's way, at one moment of both clocks. */
export function soundEvidence(
  nowMs: number,
  bundles: ReadonlyMap<BundleName, BundleEvidence>,
  more: Partial<PruneEvidence> = {},
): PruneEvidence {
  return {
    fleet: "demo",
    assignment: {
      isVerified: true,
      isDelegationValid: true,
      isNewest: true,
      isFresh: true,
    },
    unsoundBundles: [],
    inventoryProblem: undefined,
    bundles,
    desiredBy: () => undefined,
    allowDelete: new Set(),
    nowMs,
    monotonicMs: nowMs,
    issuedAtMs: nowMs,
    confirmation: { untilMs: -1, afterMs: 60_000 },
    ...more,
  };
}
