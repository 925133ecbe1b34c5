import { type AssignedBundle, type BundleName } from "@wheelhouse/assignment";

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

/** Whether a bundle's digest may be applied the first time. */
export type DependencyVerdict =
  | { readonly kind: "met" }
  | {
      readonly kind: "waits";
      /** `DependencyNotReady` or `DependencyNotFound`. */
      readonly reason: string;
      readonly message: string;
    };

/**
 * Whether everything that a bundle depends on is Ready at this assignment: its
 * digest in this assignment was applied, and it is Ready now. As in Flux, one
 * that neither waits nor has health checks is Ready once it is applied.
 */
export function checkDependencies(
  bundle: AssignedBundle,
  stateOf: (name: BundleName) => DependencyState | undefined,
): DependencyVerdict {
  for (const dependency of bundle.spec.dependsOn) {
    const state = stateOf(dependency.bundle);
    if (state === undefined) {
      return {
        kind: "waits",
        reason: "DependencyNotFound",
        message: `depends on ${dependency.bundle}, which does not exist in this cluster`,
      };
    }
    if (!isMet(state)) {
      return {
        kind: "waits",
        reason: "DependencyNotReady",
        message: `waits for ${dependency.bundle}`,
      };
    }
  }
  return { kind: "met" };
}

function isMet(state: DependencyState): boolean {
  const { spec } = state.assigned;
  if (!state.isApplied) return false;
  if (spec.wait) return state.isReady;
  return state.areChecksReady;
}
