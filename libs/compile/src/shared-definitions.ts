import {
  type KubeObject,
  canonicalJson,
  compareBytewise,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { type ExploredBundle } from "./explored-bundle.ts";

/**
 * A chart that is released twice brings its definitions twice, and so may one
 * whose definitions another bundle has. Each definition stays with one bundle:
 * with one that has it as an object of its own, else with the first release by
 * name. One that is to be applied, and differs, stays in both: that is a
 * conflict.
 */
export function shareDefinitions(
  bundles: readonly ExploredBundle[],
): readonly ExploredBundle[] {
  const built = bundles.filter(({ held }) => held === undefined);
  // Most clusters have no such chart, and thousands of objects to look at.
  if (built.every(({ definitions }) => (definitions?.size ?? 0) === 0)) {
    return bundles;
  }
  const owned = new Map<string, KubeObject>();
  for (const { objects, definitions } of built) {
    for (const object of objects) {
      const key = objectKey(objectIdOf(object));
      if (definitions?.has(key) !== true) owned.set(key, object);
    }
  }
  const shared = new Map<string, ExploredBundle>();
  for (const bundle of [...built].sort((a, b) =>
    compareBytewise(a.name, b.name),
  )) {
    if ((bundle.definitions?.size ?? 0) === 0) continue;
    shared.set(bundle.name, withoutOwned(bundle, owned));
  }
  return bundles.map((bundle) => shared.get(bundle.name) ?? bundle);
}

/** Leaves out what another has, and notes the rest as this one's. */
function withoutOwned(
  bundle: ExploredBundle,
  owned: Map<string, KubeObject>,
): ExploredBundle {
  const isCreated = bundle.release?.crds === "Create";
  const objects = bundle.objects.filter((object) => {
    const key = objectKey(objectIdOf(object));
    if (bundle.definitions?.has(key) !== true) return true;
    const other = owned.get(key);
    if (other === undefined) owned.set(key, object);
    else if (isCreated || canonicalJson(other) === canonicalJson(object)) {
      return false;
    }
    return true;
  });
  return { ...bundle, objects };
}
