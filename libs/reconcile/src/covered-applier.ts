import { type Digest } from "@wheelhouse/assignment";
import {
  type ApplyContext,
  type BundleApplier,
  type DesiredObject,
  type ObjectResult,
} from "@wheelhouse/kube-apply";
import { gvkOf } from "@wheelhouse/kube-object";
import {
  type AssignmentPlan,
  type PlannedBundle,
  hasObject,
} from "./assignment-plan.ts";
import { type EarlierArtifacts } from "./earlier-artifacts.ts";
import { type HealLimits } from "./heal-limits.ts";
import { type LiveOverlay } from "./live-overlay.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** What objects are applied with. */
export interface CoveredApplierOptions {
  readonly options: Pick<ReconcilerOptions, "inventory" | "clock" | "emit">;
  readonly applier: BundleApplier;
  readonly overlay: LiveOverlay;
  readonly limits: HealLimits;
  readonly earlier: EarlierArtifacts;
  /** Throws where writing is not permitted any more. */
  readonly requireNewest: (plan: AssignmentPlan) => Promise<void>;
}

/** Which bundle's objects are applied, and how. */
export interface ApplyOrder {
  readonly plan: AssignmentPlan;
  readonly planned: PlannedBundle;
  /** What the objects are of. */
  readonly artifact: Digest;
  readonly isThorough: boolean;
  readonly signal: AbortSignal;
}

/** Applies a bundle's objects, and covers what is in view by what the server answered. */
export class CoveredApplier {
  readonly #with: CoveredApplierOptions;

  constructor(options: CoveredApplierOptions) {
    this.#with = options;
  }

  /** Applies, heals within the limits, and tells of what was adopted. Throws `KubeError` where the inventory cannot be written. */
  async apply(
    desired: readonly DesiredObject[],
    order: ApplyOrder,
  ): Promise<readonly ObjectResult[]> {
    const context = this.#context(order);
    const results = await this.#with.applier.apply(desired, context);
    for (const result of results) this.#cover(result);
    return results;
  }

  #context({
    plan,
    planned,
    artifact,
    isThorough,
    signal,
  }: ApplyOrder): ApplyContext {
    const { options, overlay, limits, earlier, requireNewest } = this.#with;
    return {
      ...{ artifact, isThorough, signal },
      fleet: plan.envelope.fleet,
      spec: planned.assigned.spec,
      entryOf: (key) => options.inventory.get(key),
      view: (kind, key) => overlay.get(kind, key),
      hasObject: (bundle, key) => hasObject(plan, bundle, key),
      lastApplied: (digest, key) => earlier.objectOf(digest, key),
      mayHeal: (key) => limits.mayHeal(key, options.clock.monotonicMs()),
      requireNewest: () => requireNewest(plan),
    };
  }

  #cover({ desired, outcome }: ObjectResult): void {
    const { overlay, limits, options } = this.#with;
    if (outcome.kind !== "applied" || outcome.live === undefined) return;
    overlay.cover(gvkOf(desired.object), desired.key, outcome.live);
    if (outcome.action === "healed") {
      limits.record(desired.key, options.clock.monotonicMs());
    }
    const bundle = options.inventory.get(desired.key)?.bundle;
    if (outcome.remains === undefined || bundle === undefined) return;
    const message = outcome.remains;
    options.emit({ kind: "Normal", reason: "Adopted", bundle, message });
  }
}
