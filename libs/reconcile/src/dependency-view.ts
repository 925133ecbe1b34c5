import { type BundleName } from "@wheelhouse/assignment";
import { type BundleRecord } from "@wheelhouse/kube-apply";
import { type AssignmentPlan, type PlannedBundle } from "./assignment-plan.ts";
import { type BundleState } from "./bundle-state.ts";
import { checkDependencies } from "./dependency-gate.ts";
import { type DependencyState } from "./dependency-state.ts";
import { type HealthBasis, healthBasisOf } from "./health-basis.ts";

/** What is known of bundles: durably, and in memory. */
export interface DependencyViewOptions {
  readonly records: { get(name: BundleName): BundleRecord | undefined };
  readonly stateOf: (name: BundleName) => Pick<BundleState, "health" | "late">;
}

/**
 * What bundles see of those that they depend on. What was applied is told by
 * the durable record, and health by memory: the two become another at
 * different moments, so a verdict counts only for what it was judged of.
 */
export class DependencyView {
  readonly #with: DependencyViewOptions;

  constructor(options: DependencyViewOptions) {
    this.#with = options;
  }

  /** The state that others see of a bundle; undefined where the assignment does not have it. */
  stateOf(plan: AssignmentPlan, name: BundleName): DependencyState | undefined {
    const planned = plan.bundles.get(name);
    if (planned === undefined) return undefined;
    const { health } = this.#with.stateOf(name);
    const isApplied = !this.isToApply(planned);
    const isOfThis = isApplied && health?.basis === this.basisOf(plan, name);
    return {
      assigned: planned.assigned,
      isApplied,
      isReady: isOfThis && health.isReady,
      areChecksReady: isOfThis && health.areChecksReady,
    };
  }

  /** What a look at a bundle that begins now is about. */
  basisOf(plan: AssignmentPlan, name: BundleName): HealthBasis {
    return healthBasisOf(plan, name, this.#with.records);
  }

  /** What a bundle waits for, in words. Order is for the first application of a digest only, never for healing. */
  waitsFor(plan: AssignmentPlan, planned: PlannedBundle): string | undefined {
    if (!this.#isNew(planned)) return undefined;
    const verdict = checkDependencies(planned.assigned, (name) =>
      this.stateOf(plan, name),
    );
    return verdict.kind === "met" ? undefined : verdict.message;
  }

  /** Whether the digest is still to be applied, with these late values, or with the newest that are known. */
  isToApply(
    planned: PlannedBundle,
    late = this.#with.stateOf(planned.assigned.spec.name).late?.fingerprint,
  ): boolean {
    const record = this.#with.records.get(planned.assigned.spec.name);
    return (
      this.#isNew(planned) || (late !== undefined && record?.late !== late)
    );
  }

  #isNew({ assigned }: PlannedBundle): boolean {
    const record = this.#with.records.get(assigned.spec.name);
    return record?.applied !== assigned.digest;
  }
}
