import { type ClusterView, type DriftView } from "@wheelhouse/rest-api";
import { bundleName, formatObject } from "../verdict/names.ts";

/** The words of a filter; each of them must be found. */
export function filterTerms(filter: string): readonly string[] {
  return filter.toLowerCase().split(/\s+/).filter(Boolean);
}

const holds = (texts: readonly string[], terms: readonly string[]) => {
  const text = texts.join("\n").toLowerCase();
  return terms.every((term) => text.includes(term));
};

/** Clusters that fit what was typed: name, wave, labels as `key=value`, verdicts (its own and its bundles'), root and commit. */
export function selectClusters(
  clusters: readonly ClusterView[],
  filter: string,
): readonly ClusterView[] {
  const terms = filterTerms(filter);
  if (terms.length === 0) return clusters;
  return clusters.filter((cluster) => holds(clusterTexts(cluster), terms));
}

function clusterTexts(cluster: ClusterView): readonly string[] {
  return [
    cluster.name,
    cluster.wave,
    cluster.verdict,
    cluster.message,
    cluster.assignment?.root ?? "",
    cluster.assignment?.commit ?? "",
    ...Object.entries(cluster.labels).map(([key, value]) => `${key}=${value}`),
    ...cluster.bundles
      .filter(({ verdict }) => verdict !== "Converged")
      .map(({ bundle, verdict }) => `${bundleName(bundle)} ${verdict}`),
  ];
}

/** Drifts that fit what was typed: cluster, object, field, values, writer and state. */
export function selectDrift(
  drift: readonly DriftView[],
  filter: string,
): readonly DriftView[] {
  const terms = filterTerms(filter);
  if (terms.length === 0) return drift;
  return drift.filter((record) =>
    holds(
      [
        record.cluster,
        record.bundle,
        formatObject(record.object),
        record.writer ?? "",
        record.state,
        record.message,
        ...record.fields.map(
          ({ path, wanted, found }) => `${path} ${wanted ?? ""} ${found ?? ""}`,
        ),
      ],
      terms,
    ),
  );
}
