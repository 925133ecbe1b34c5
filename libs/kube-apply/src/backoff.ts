/** The first delay; each further one is twice as long. */
const firstMs = 500;

/** The delay in milliseconds after so many failures in a row, at least 1: doubling from half a second up to a bound, which counts as half a second at least. */
export function backoffAfter(failures: number, maxMs: number): number {
  const delay = firstMs * 2 ** Math.min(failures - 1, 16);
  return Math.min(delay, Math.max(maxMs, firstMs));
}
