import { type BundleName, type DeletionPolicy } from "@wheelhouse/assignment";
import { type KubeObject, type ObjectId } from "@wheelhouse/kube-object";
import { type InventoryEntry } from "./inventory.ts";

/** What a live read of one object gave, never a list and never a cache. */
export type LiveRead =
  | { readonly kind: "found"; readonly object: KubeObject }
  /** A 404 on the object itself. */
  | { readonly kind: "absent" }
  /** By discovery that was asked for this look, nothing serves its kind. */
  | {
      readonly kind: "unserved";
      /** Whether the kind's definition was recorded, and a live read of it gave a 404. */
      readonly isDefinitionGone: boolean;
      readonly message: string;
    }
  /** Anything else: a 403, a timeout, discovery that fails. */
  | { readonly kind: "unreadable"; readonly message: string };

/** What lives inside a namespace, or as objects of a definition, beyond what is being deleted. */
export type Contents =
  | { readonly kind: "none" }
  | { readonly kind: "some"; readonly example: string }
  /** It could not be listed; a later look may. */
  | { readonly kind: "unknown"; readonly message: string };

/** An object of the inventory that no bundle of the assignment has. */
export interface PruneCandidate {
  readonly id: ObjectId;
  readonly key: string;
  readonly entry: InventoryEntry;
  readonly live: LiveRead;
  /** Only looked at for a namespace or a definition. */
  readonly contents: Contents;
  /** Since when it has been a candidate without a break in this process, in monotonic milliseconds. */
  readonly candidateSinceMs: number;
  /** The service account that every request about it carries. */
  readonly impersonate?: string;
}

/** What is known of the bundle that owns candidates. */
export interface BundleEvidence {
  /** Whether the assignment still has it. */
  readonly isAssigned: boolean;
  /** For one that left: whether it was suspended when it did. */
  readonly isSuspended: boolean;
  /** Objects that it shall have; 0 for a bundle that rendered empty. */
  readonly desiredObjects: number;
  /** Entries of the inventory that are its own. */
  readonly ownedObjects: number;
  /**
   * Whether its last pass at this assignment, in this process, applied every
   * object, and so did those of all bundles that take an object of it over.
   * For one that left: whether every bundle that is not suspended is applied.
   */
  readonly isApplied: boolean;
  readonly prune: boolean;
  readonly deletionPolicy: DeletionPolicy;
}

/** Everything that a deletion is decided by, beside the candidates. */
export interface PruneEvidence {
  readonly fleet: string;
  /** Row 1: the assignment was verified, its delegation holds, none newer is acknowledged, and a hub named its newest one lately. */
  readonly assignment: {
    readonly isVerified: boolean;
    readonly isDelegationValid: boolean;
    readonly isNewest: boolean;
    /** False where whoever stands between may be hiding what is newer. */
    readonly isFresh: boolean;
  };
  /** Row 2: bundles that could not be built, fetched or parsed. */
  readonly unsoundBundles: readonly BundleName[];
  /** Row 3: why the inventory is not wholly known; undefined where it is. */
  readonly inventoryProblem: string | undefined;
  readonly bundles: ReadonlyMap<BundleName, BundleEvidence>;
  /** Row 4: which bundle shall have an object. */
  readonly desiredBy: (key: string) => BundleName | undefined;
  readonly allowDelete: ReadonlySet<string>;
  /** By the wall, in milliseconds; only compared with times that were stored. */
  readonly nowMs: number;
  /** The monotonic count that `candidateSinceMs` and `confirmation` are in. */
  readonly monotonicMs: number;
  /** When the hub issued the assignment, by its own wall. */
  readonly issuedAtMs: number;
  /** Row 10: candidates first seen before this need a second look so much later; monotonic. */
  readonly confirmation: { readonly untilMs: number; readonly afterMs: number };
}
