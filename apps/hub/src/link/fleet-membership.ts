import { type ClusterRecord, type StoredRevision } from "@wheelhouse/hub-store";

/** Whether Git named a cluster and names it no longer: it left the fleet, and what runs in it stays. Before the first commit is compiled nobody has left. */
export function hasLeftFleet(
  { name, source }: Pick<ClusterRecord, "name" | "source">,
  head: Pick<StoredRevision, "clusters"> | null,
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
