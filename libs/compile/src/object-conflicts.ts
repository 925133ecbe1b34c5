import { type BundleName } from "@wheelhouse/assignment";
import { type Problem, type SourceTree } from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  compareBytewise,
  formatObjectId,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { type ExploredBundle, attribute } from "./explored-bundle.ts";
import { locateObject } from "./written-objects.ts";

/**
 * Objects that two bundles would both own, or one bundle twice, by the bundle
 * that is held for it: the later by name, so that it is the same one each time.
 */
export function objectConflicts(
  bundles: Iterable<ExploredBundle>,
  tree: SourceTree,
): ReadonlyMap<BundleName, readonly Problem[]> {
  const owners = new Map<string, ExploredBundle>();
  const conflicts = new Map<BundleName, Problem[]>();
  const sorted = [...bundles].sort((a, b) => compareBytewise(a.name, b.name));
  for (const bundle of sorted) {
    const own: Problem[] = [];
    const keys = new Set<string>();
    for (const object of bundle.objects) {
      const key = objectKey(objectIdOf(object));
      const owner = keys.has(key) ? bundle : owners.get(key);
      if (owner !== undefined) own.push(conflict(tree, bundle, owner, object));
      keys.add(key);
    }
    if (own.length > 0) conflicts.set(bundle.name, own);
    // A held bundle has no objects, and this one is held now: a third one is not held for its sake.
    else for (const key of keys) owners.set(key, bundle);
  }
  return conflicts;
}

function conflict(
  tree: SourceTree,
  bundle: ExploredBundle,
  owner: ExploredBundle,
  object: KubeObject,
): Problem {
  const id = formatObjectId(objectIdOf(object));
  const other = locateObject(tree, owner.manifests, object);
  const where =
    other === undefined ? "" : ` (${other.file}:${other.line ?? 1})`;
  const location = locateObject(tree, bundle.manifests, object);
  return attribute(
    {
      reason: "DuplicateObject",
      subject: id,
      message:
        owner === bundle
          ? "is there twice in this bundle"
          : `is also in ${owner.name}${where}`,
      ...(location === undefined ? {} : { location }),
      advice: "An object belongs to one bundle: take it out of the other",
    },
    bundle,
  );
}
