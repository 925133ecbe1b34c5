import { backoffAfter } from "@wheelhouse/kube-apply";
import { type PlannedBundle } from "./assignment-plan.ts";
import { deadlineOf } from "./bundle-report.ts";
import { type BundleState } from "./bundle-state.ts";
import { type HealLimits } from "./heal-limits.ts";

/** A health check that is not in view is asked about again after this time. */
const healthPollMs = 2_000;

/** By what the next look at a bundle is timed, beside its state. */
export interface LookTimes {
  /** Monotonic, in milliseconds. */
  readonly nowMs: number;
  /** From 0 to 1: lengthens the interval by up to a twentieth, so that not all look at once. */
  readonly spread: number;
  readonly limits: Pick<HealLimits, "waitMs">;
}

/** Milliseconds until a bundle is looked at again if nothing happens before; at least 1. */
export function nextLookMs(
  planned: PlannedBundle,
  state: BundleState,
  { nowMs, spread, limits }: LookTimes,
): number {
  const { spec } = planned.assigned;
  const delays = [spec.intervalMs * (1 + 0.05 * spread)];
  if (state.obstacle !== undefined) {
    delays.push(backoffAfter(state.failures, spec.retryIntervalMs));
  }
  const isCheckOpen =
    spec.healthChecks.length > 0 && state.health?.areChecksReady === false;
  if (isCheckOpen || state.health?.isWhole === false) {
    delays.push(healthPollMs);
  }
  const deadline = deadlineOf(planned, state);
  if (deadline !== undefined && deadline > nowMs) delays.push(deadline - nowMs);
  for (const { desired, outcome } of state.results) {
    if (outcome.kind === "refused" && outcome.drift?.state === "blocked") {
      delays.push(outcome.retryAfterMs ?? spec.retryIntervalMs);
    }
    if (outcome.kind !== "applied" || outcome.drift?.state !== "blocked") {
      continue;
    }
    delays.push(limits.waitMs(desired.key, nowMs) || spec.retryIntervalMs);
  }
  return Math.max(1, Math.min(...delays));
}
