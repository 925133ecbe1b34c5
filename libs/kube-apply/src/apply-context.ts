import { type BundleSpec, type Digest } from "@wheelhouse/assignment";
import {
  type GroupVersionKind,
  type KubeObject,
} from "@wheelhouse/kube-object";
import { type InventoryEntry } from "./inventory.ts";

/** What a watch shows of one object; unknown where the kind is not wholly in view. */
export type ViewedObject =
  | { readonly kind: "known"; readonly object: KubeObject | undefined }
  | { readonly kind: "unknown" };

/** All that the objects of one bundle are applied by, in one pass. */
export interface ApplyContext {
  readonly fleet: string;
  readonly spec: BundleSpec;
  /** The artifact that holds the objects. */
  readonly artifact: Digest;
  readonly entryOf: (key: string) => InventoryEntry | undefined;
  readonly view: (kind: GroupVersionKind, key: string) => ViewedObject;
  /** Whether a bundle has an object in this assignment, or its objects are not known. */
  readonly hasObject: (bundle: string, key: string) => boolean;
  /** The object of an artifact that was applied earlier; undefined where it is no longer there. */
  readonly lastApplied: (
    artifact: Digest,
    key: string,
  ) => Promise<KubeObject | undefined>;
  /** Whether drift of this object may be healed now; false while somebody rewrites it all the time. */
  readonly mayHeal: (key: string) => boolean;
  /** Whether a person asked to compare every object now. */
  readonly isThorough: boolean;
  /** Called before the first write of a stage, and around the wait of a recreation; a rejection ends the pass with nothing more of it written. */
  readonly requireNewest: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** What every request of a bundle carries. */
export function requestOf({
  spec,
  signal,
}: {
  readonly spec: Pick<BundleSpec, "name" | "serviceAccountName">;
  readonly signal: AbortSignal;
}) {
  return { signal, ...impersonationOf(spec) };
}

/** The service account that a bundle names, as a request carries it. */
export function impersonationOf(
  spec: Pick<BundleSpec, "name" | "serviceAccountName">,
): { readonly impersonate?: string } {
  const [, namespace] = spec.name.split("/");
  return spec.serviceAccountName === null
    ? {}
    : { impersonate: `${namespace}/${spec.serviceAccountName}` };
}
