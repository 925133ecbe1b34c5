import { type ClusterView } from "@wheelhouse/rest-api";

/** What a fleet consists of: bundles over all clusters, and their objects as last reported. */
export interface ObjectSum {
  readonly bundles: number;
  readonly ready: number;
  readonly total: number;
}

/** Adds up the bundles and objects of clusters. */
export function sumObjects(
  clusters: readonly Pick<ClusterView, "bundles">[],
): ObjectSum {
  const all = clusters.flatMap(({ bundles }) => bundles);
  return {
    bundles: all.length,
    ready: all.reduce((sum, { objects }) => sum + objects.ready, 0),
    total: all.reduce((sum, { objects }) => sum + objects.total, 0),
  };
}
