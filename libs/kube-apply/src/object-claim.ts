import { type BundleName } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { type InventoryEntry } from "./inventory.ts";
import { liveOwnerOf } from "./ownership-marks.ts";

/** Whether a bundle may apply an object, as inventory and live marks say. */
export type Claim =
  /** It is the bundle's, or nobody's yet. */
  | { readonly kind: "own" }
  /** It is there without an owner of ours: the apply adopts it. */
  | { readonly kind: "adopt" }
  /** Another bundle owned it, and no longer has it in this assignment. */
  | { readonly kind: "handover"; readonly from: BundleName }
  /** It is another's, and stays so (S17). */
  | { readonly kind: "refused"; readonly message: string };

/** What a claim is judged by. */
export interface ClaimEvidence {
  readonly fleet: string;
  readonly bundle: BundleName;
  readonly entry: InventoryEntry | undefined;
  readonly live: KubeObject | undefined;
  /** Whether that bundle has the object in this assignment, or may have it: its objects are not known. */
  readonly hasObject: (bundle: BundleName) => boolean;
}

/**
 * Judges whose an object is. The durable inventory speaks first: of two bundles
 * that want one object the first durable claim wins, and the second waits
 * until the first lets go, so that ownership never flaps.
 */
export function judgeClaim(evidence: ClaimEvidence): Claim {
  const { bundle, entry, live, fleet } = evidence;
  const holder = entry?.bundle;
  if (holder !== undefined && holder !== bundle) {
    return evidence.hasObject(holder)
      ? { kind: "refused", message: `${holder} has it in this assignment too` }
      : { kind: "handover", from: holder };
  }
  if (live === undefined) return { kind: "own" };
  const owner = liveOwnerOf(live, fleet);
  switch (owner.kind) {
    case "foreignFleet":
      return { kind: "refused", message: `${owner.owner} owns it` };
    case "bundle":
      if (owner.bundle === bundle) return { kind: "own" };
      return evidence.hasObject(owner.bundle)
        ? { kind: "refused", message: `${owner.bundle} owns it` }
        : { kind: "handover", from: owner.bundle };
    case "none":
      // One that we own already lost its mark: that is drift, and comes back.
      return entry?.uid === live.metadata["uid"] && entry !== undefined
        ? { kind: "own" }
        : { kind: "adopt" };
  }
}
