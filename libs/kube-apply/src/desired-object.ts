import { type BundleName } from "@wheelhouse/assignment";
import {
  type KubeObject,
  type ObjectId,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { desiredDigest } from "./live-content.ts";
import { markObject } from "./ownership-marks.ts";

/** An object as it shall be, with our marks, and what names it. */
export interface DesiredObject {
  readonly id: ObjectId;
  readonly key: string;
  readonly object: KubeObject;
  /** `desiredDigest` of the object with its marks. */
  readonly digest: string;
}

/** Makes an artifact's objects ready to be applied as one bundle's. */
export function toDesired(
  objects: readonly KubeObject[],
  owner: { readonly fleet: string; readonly bundle: BundleName },
  /** Another digest, where an open one would tell of secret values. */
  digestOf: (object: KubeObject) => string = desiredDigest,
): readonly DesiredObject[] {
  return objects.map((object) => {
    const marked = markObject(object, owner);
    const id = objectIdOf(marked);
    const digest = digestOf(marked);
    return { id, key: objectKey(id), object: marked, digest };
  });
}
