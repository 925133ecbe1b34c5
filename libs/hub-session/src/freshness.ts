/** How long a hub may leave its newest assignment unnamed before a spoke calls its own Unfresh: 24 h. */
export const unfreshAfterMs = 86_400_000;

/** What the freshness of an acknowledged assignment is judged from; all times monotonic, in milliseconds. */
export interface FreshnessFacts {
  /** When a hub last named its newest assignment; null where none has since this process began. */
  readonly namedMs: number | null;
  /** When this process began to listen: what was heard before is never stored. */
  readonly beganMs: number;
  readonly nowMs: number;
  readonly afterMs?: number;
}

/**
 * Whether nobody has named the newest assignment for too long: the hub is
 * gone, or somebody between hides what is newer. The cluster is kept at what
 * it has; a person should look.
 */
export function isUnfresh(facts: FreshnessFacts): boolean {
  const { namedMs, beganMs, nowMs, afterMs = unfreshAfterMs } = facts;
  return nowMs - (namedMs ?? beganMs) >= afterMs;
}
