import { type CountOrPercent } from "@wheelhouse/fleet-model";

/**
 * How many clusters a budget allows in a wave of `size` clusters. A
 * percentage is rounded down, so that it is never exceeded, but to no less
 * than one, unless it says 0: a budget that rounds to nothing would wait
 * forever.
 */
export function budgetOf(bound: CountOrPercent, size: number): number {
  if (bound.kind === "count") return Math.max(0, Math.floor(bound.count));
  const part = percentOf(bound.percent, size);
  return bound.percent > 0 && size > 0 ? Math.max(1, part) : 0;
}

/** How many failed clusters a wave bears: a percentage is rounded down, also to none. */
export function failuresAllowed(bound: CountOrPercent, size: number): number {
  if (bound.kind === "count") return Math.max(0, Math.floor(bound.count));
  return percentOf(bound.percent, size);
}

/** Whole numbers first: in floating point 0.29 × 100 falls short of 29. */
function percentOf(percent: number, size: number): number {
  return Math.min(size, Math.max(0, Math.floor((size * percent) / 100)));
}
