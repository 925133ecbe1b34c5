import { type Cluster, type Problem } from "./fleet-objects.ts";

/** The clusters of a fleet, by name: Git's word wins where both know one. */
export function mergeClusters(
  inGit: readonly Cluster[],
  registered: readonly Cluster[],
): readonly Cluster[] {
  const names = new Set(inGit.map(({ name }) => name));
  const rest = registered.filter(({ name }) => !names.has(name));
  return [...inGit, ...rest].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether Git named a cluster and names it no longer: it left the fleet, and what runs in it stays. Before the first commit is compiled (`head` is null) nobody has left. */
export function hasLeftFleet(
  { name, source }: Pick<Cluster, "name" | "source">,
  head: { readonly clusters: readonly Pick<Cluster, "name">[] } | null,
): boolean {
  return (
    head !== null &&
    source === "git" &&
    !head.clusters.some((cluster) => cluster.name === name)
  );
}

/** What to do about a cluster that left, in words. */
export function leftFleetAdvice(name: string): string {
  return `Put its Cluster object back into Git, and its spoke goes on within 10 minutes; or forget it: wheelhouse cluster remove ${name}`;
}

/** Why a commit is not followed that takes every Cluster object away: a wrong branch or a moved folder must not look like a fleet without clusters. Undefined where it may be. */
export function findFleetEmptied(
  before: readonly Pick<Cluster, "source">[],
  after: readonly Pick<Cluster, "source">[],
): Problem | undefined {
  const lost = countInGit(before);
  if (lost === 0 || countInGit(after) > 0) return undefined;
  return {
    reason: "FleetEmptied",
    subject: "fleet repo",
    message: `names no cluster, and the commit before named ${lost}; nothing changes`,
    advice:
      "Put the Cluster objects back, or set FleetConfig spec.clusters.dir; to end a fleet remove its clusters one by one with wheelhouse cluster remove",
  };
}

function countInGit(clusters: readonly Pick<Cluster, "source">[]): number {
  return clusters.filter(({ source }) => source === "git").length;
}
