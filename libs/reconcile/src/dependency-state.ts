import { type AssignedBundle } from "@wheelhouse/assignment";
import { type JsonObject, isJsonObject } from "@wheelhouse/kube-object";

/** How far a bundle is, as those that depend on it see it. */
export interface DependencyState {
  readonly assigned: AssignedBundle;
  /** Its digest of this assignment was applied completely. */
  readonly isApplied: boolean;
  /** Every object of it is Current. */
  readonly isReady: boolean;
  /** Every one of its health checks is Current; true where it has none. */
  readonly areChecksReady: boolean;
}

/** Whether a bundle is Ready as its dependants see it without an expression. */
export function isMet(state: DependencyState): boolean {
  const { spec } = state.assigned;
  if (!state.isApplied) return false;
  if (spec.wait) return state.isReady;
  return state.areChecksReady;
}

/**
 * A bundle as the object that Flux would have for it: what was written, and a
 * status of this assignment. Its generation is always 1; it counts as observed,
 * and can be Ready, once the digest of this assignment is applied.
 */
export function fluxObjectOf(state: DependencyState): JsonObject {
  const { assigned, isApplied } = state;
  const { object } = assigned.spec;
  const metadata = object?.["metadata"];
  const revision = `sha1:${assigned.revision.commit}`;
  const observedGeneration = isApplied ? 1 : 0;
  const ready = isMet(state)
    ? { status: "True", reason: "ReconciliationSucceeded" }
    : { status: "Unknown", reason: "Progressing" };
  return {
    ...object,
    metadata: { ...(isJsonObject(metadata) ? metadata : {}), generation: 1 },
    status: {
      observedGeneration,
      conditions: [{ type: "Ready", ...ready, observedGeneration }],
      lastAttemptedRevision: revision,
      ...(isApplied ? { lastAppliedRevision: revision } : {}),
    },
  };
}
