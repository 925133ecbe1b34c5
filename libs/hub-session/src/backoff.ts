/** The first attempt after a loss comes within this. */
const firstMs = 5_000;

/** No attempt is put off longer than this. */
const longestMs = 30_000;

/** How long to wait before an attempt: full jitter under a bound that doubles from 5 s to 30 s. `attempt` counts from 0; `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number): number {
  return Math.floor(
    random * Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16)),
  );
}
