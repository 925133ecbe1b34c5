import { type BundleName } from "@wheelhouse/assignment";
import {
  type JsonObject,
  type KubeObject,
  fleetLabel,
  isJsonObject,
  ownerAnnotation,
  ownerOf,
  readOwner,
} from "@wheelhouse/kube-object";

/** Adds the marks that say whose an object is (design 8.9): the fleet as a label, the bundle as an annotation. */
export function markObject(
  object: KubeObject,
  owner: { readonly fleet: string; readonly bundle: BundleName },
): KubeObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: {
        ...fieldsOf(object.metadata["labels"]),
        [fleetLabel]: owner.fleet,
      },
      annotations: {
        ...fieldsOf(object.metadata["annotations"]),
        [ownerAnnotation]: ownerOf(owner.fleet, owner.bundle),
      },
    },
  };
}

/** What a merge patch must say so that an object is no longer ours; it fails where the object is another one by now. */
export function unmarkPatch(live: KubeObject): JsonObject {
  return {
    metadata: {
      uid: live.metadata["uid"] ?? null,
      resourceVersion: live.metadata["resourceVersion"] ?? null,
      labels: { [fleetLabel]: null },
      annotations: { [ownerAnnotation]: null },
    },
  };
}

/** Whose an object is, as its marks say. */
export type LiveOwner =
  | { readonly kind: "none" }
  | { readonly kind: "bundle"; readonly bundle: BundleName }
  | { readonly kind: "foreignFleet"; readonly owner: string };

/** Reads an object's marks as seen by one fleet. */
export function liveOwnerOf(object: KubeObject, fleet: string): LiveOwner {
  const owner = readOwner(object);
  if (owner === undefined) return { kind: "none" };
  return owner.startsWith(`${fleet}/`)
    ? { kind: "bundle", bundle: owner.slice(fleet.length + 1) }
    : { kind: "foreignFleet", owner };
}

function fieldsOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
