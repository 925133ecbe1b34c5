import { type BundleView } from "@wheelhouse/rest-api";

/** One object's first write in a cluster, and the bundle that it belongs to. */
export interface FirstWrite {
  /** `Kustomization/flux-system/webapp`. */
  readonly bundle: string;
  /** Such as `/api/v1/namespaces/webapp`. */
  readonly path: string;
}

/** The bundles of a cluster in the order in which their first objects were written. */
export function orderOfBundles(
  writes: readonly FirstWrite[],
): readonly string[] {
  return [...new Set(writes.map(({ bundle }) => bundle))];
}

/** Where a bundle began before everything that it depends on was written, in words; empty where none did. `writes` in the order of the cluster's record. */
export function findOutOfOrder(
  writes: readonly FirstWrite[],
  bundles: readonly Pick<BundleView, "bundle" | "dependsOn">[],
): readonly string[] {
  const places = new Map<string, { first: number; last: number }>();
  writes.forEach(({ bundle }, place) => {
    const first = places.get(bundle)?.first ?? place;
    places.set(bundle, { first, last: place });
  });
  return bundles.flatMap(({ bundle, dependsOn }) => {
    const begins = places.get(bundle)?.first ?? Infinity;
    return dependsOn
      .filter((other) => (places.get(other)?.last ?? Infinity) > begins)
      .map((other) => `${bundle} began before ${other} was written`);
  });
}
