import {
  type ClusterView,
  type FleetView,
  type VerdictName,
} from "@wheelhouse/rest-api";
import { orderNames } from "../cluster/dependency-order.ts";
import { type SortOrder } from "../route/route.ts";
import { verdictsByWeight, verdictWeight } from "../verdict/verdict.ts";

/** A line of the matrix: the heading of a group, or a cluster. */
export type FleetRow =
  | {
      readonly kind: "group";
      readonly key: string;
      readonly title: string;
      readonly clusters: readonly ClusterView[];
    }
  | {
      readonly kind: "cluster";
      readonly key: string;
      readonly cluster: ClusterView;
    };

/** How the matrix is laid out. */
export interface RowLayout {
  /** `wave`, or a label's key. */
  readonly group: string;
  readonly sort: SortOrder;
  /** The waves' names in the order of the rollout. */
  readonly waves: readonly string[];
}

/** The waves of all rollouts, in order, each once. */
export function waveOrder(fleet: FleetView): readonly string[] {
  return [
    ...new Set(
      fleet.rollouts.flatMap(({ waves }) => waves.map(({ name }) => name)),
    ),
  ];
}

/** The lines of the matrix: groups in order, clusters sorted within. */
export function arrangeRows(
  clusters: readonly ClusterView[],
  layout: RowLayout,
): readonly FleetRow[] {
  const groups = new Map<string, ClusterView[]>();
  for (const cluster of clusters) {
    const title = groupOf(cluster, layout.group);
    const members = groups.get(title);
    if (members === undefined) groups.set(title, [cluster]);
    else members.push(cluster);
  }
  const place = (title: string) => {
    if (title === "") return Number.MAX_SAFE_INTEGER;
    const index = layout.group === "wave" ? layout.waves.indexOf(title) : -1;
    return index < 0 ? layout.waves.length : index;
  };
  return [...groups]
    .sort(([a], [b]) => place(a) - place(b) || compareNames(a, b))
    .flatMap(([title, members]) => [
      { kind: "group", key: `group:${title}`, title, clusters: members },
      ...[...members].sort(clusterOrder(layout.sort)).map((cluster) => ({
        kind: "cluster" as const,
        key: `cluster:${cluster.name}`,
        cluster,
      })),
    ]);
}

function groupOf(cluster: ClusterView, group: string): string {
  return group === "wave" ? cluster.wave : (cluster.labels[group] ?? "");
}

function clusterOrder(sort: SortOrder) {
  const byName = (a: ClusterView, b: ClusterView) =>
    compareNames(a.name, b.name);
  if (sort === "name") return byName;
  return (a: ClusterView, b: ClusterView) =>
    verdictWeight(a.verdict) - verdictWeight(b.verdict) || byName(a, b);
}

const collator = new Intl.Collator("en", { numeric: true });

/** As people count: `edge-9` before `edge-10`. */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b);
}

/** The matrix's columns: every bundle of the fleet once, in order of application. */
export function bundleColumns(
  clusters: readonly ClusterView[],
): readonly string[] {
  return orderNames(clusters.flatMap(({ bundles }) => bundles));
}

/** The labels by which a fleet can be grouped: those with more than one value, and fewer values than clusters. */
export function groupingLabels(
  clusters: readonly ClusterView[],
): readonly string[] {
  const values = new Map<string, Set<string>>();
  for (const { labels } of clusters) {
    for (const [key, value] of Object.entries(labels)) {
      values.set(key, (values.get(key) ?? new Set()).add(value));
    }
  }
  return [...values]
    .filter(([, set]) => set.size > 1 && set.size < clusters.length)
    .map(([key]) => key)
    .sort(compareNames);
}

/** How many clusters have each verdict, the worst first, without those that none has. */
export function tallyVerdicts(
  clusters: readonly ClusterView[],
): readonly { readonly verdict: VerdictName; readonly clusters: number }[] {
  return verdictsByWeight
    .map((verdict) => ({
      verdict,
      clusters: clusters.filter((cluster) => cluster.verdict === verdict)
        .length,
    }))
    .filter(({ clusters: number }) => number > 0);
}
