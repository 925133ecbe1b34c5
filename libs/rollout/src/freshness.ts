import { staleAfterMs } from "@wheelhouse/status";
import { type ClusterFact } from "./rollout-input.ts";

/** Stale by the word of `@wheelhouse/status`: a heartbeat older than this proves nothing, and a gap between two steps longer than this adds nothing to any time. */
export const freshnessMs = staleAfterMs;

/** Whether the cluster's current session was heard of within `freshnessMs`. */
export function isFresh(fact: Pick<ClusterFact, "heardAgoMs">): boolean {
  const { heardAgoMs } = fact;
  return heardAgoMs !== null && heardAgoMs >= 0 && heardAgoMs <= freshnessMs;
}

/** The time that a step may add: nothing after a restart, a gap beyond `freshnessMs`, or a clock that went backwards. */
export function elapsedSince(
  steppedAtMs: number | null,
  nowMs: number,
): number {
  if (steppedAtMs === null) return 0;
  const elapsedMs = nowMs - steppedAtMs;
  return elapsedMs > 0 && elapsedMs <= freshnessMs ? elapsedMs : 0;
}
