import { type Facts } from "./known-cluster.ts";
import { hasArrived, gatherWaves } from "./membership.ts";
import { type ClusterProgress, type RolloutState } from "./rollout-state.ts";
import { isAway } from "./standing.ts";
import { isOpen } from "./wave-progress.ts";

/**
 * Lets go of the clusters of open waves that are not heard of, where the
 * wave says `offline: skip`. One that is in flight leaves the wave, but keeps
 * its place until it is confirmed: what was issued to it may be running.
 */
export function skipOffline(state: RolloutState, facts: Facts): RolloutState {
  const skipped: Record<string, ClusterProgress> = {};
  for (const view of gatherWaves(state, facts)) {
    if (view.spec.offline !== "skip" || !isOpen(state, view)) continue;
    for (const member of view.members) {
      const { name, fact, progress } = member;
      if (progress.skipped || !isAway(fact, progress) || hasArrived(member))
        continue;
      skipped[name] = { ...progress, skipped: true };
    }
  }
  if (Object.keys(skipped).length === 0) return state;
  return { ...state, clusters: { ...state.clusters, ...skipped } };
}
