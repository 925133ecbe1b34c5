/** Verdicts in the order in which the first that holds wins. */
export const verdicts = [
  "Unreachable",
  "Stale",
  "Held",
  "Degraded",
  "Drifted",
  "Progressing",
  "Converged",
] as const;

/** What we say of a bundle or a cluster; always shown with its age and its root. */
export type Verdict = (typeof verdicts)[number];

/** A session without a heartbeat for this long makes its cluster Stale. */
export const staleAfterMs = 45_000;

/** A cluster without a session for this long is Unreachable. */
export const unreachableAfterMs = 300_000;
