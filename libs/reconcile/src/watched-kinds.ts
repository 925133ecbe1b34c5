import { type InventoryEntry } from "@wheelhouse/kube-apply";
import { type GroupVersionKind, parseObjectKey } from "@wheelhouse/kube-object";

/** The kinds of what an inventory holds, each once, in the version in which it was applied last. */
export function servedKindsOf(
  entries: Iterable<readonly [string, InventoryEntry]>,
): readonly GroupVersionKind[] {
  const kinds = new Map<string, GroupVersionKind>();
  for (const [key, { version }] of entries) {
    const id = parseObjectKey(key);
    if (id === undefined) continue;
    const { group, kind } = id;
    kinds.set(`${group}/${kind}`, { group, version, kind });
  }
  return [...kinds.values()];
}
