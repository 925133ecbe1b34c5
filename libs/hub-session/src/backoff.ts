/** The first attempt after a failure comes within this. */
const firstMs = 5_000;

/** No attempt is put off longer than this. */
const longestMs = 30_000;

/** How long to wait before an attempt: full jitter under a bound that doubles from 5 s to 30 s. `attempt` counts from 0; `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number): number {
  return Math.floor(
    random * Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16)),
  );
}

/**
 * How long to wait before a hub is dialled again that has been gone for
 * `goneMs`: full jitter under half of that time, but never under less than 5 s
 * (the spokes of a large fleet must not come all at once) nor more than 30 s.
 */
export function redialMs(goneMs: number, random: number): number {
  const boundMs = Math.max(firstMs, Math.min(longestMs, goneMs / 2));
  return Math.floor(random * boundMs);
}
