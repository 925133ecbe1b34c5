import { type BundleName } from "@wheelhouse/assignment";
import {
  BundleApplier,
  Limiter,
  ObjectApplier,
  PruneExecutor,
} from "@wheelhouse/kube-apply";
import { type AssignmentPlan } from "./assignment-plan.ts";
import { BundlePass } from "./bundle-pass.ts";
import { type BundleState } from "./bundle-state.ts";
import { FrozenBundles } from "./frozen-bundles.ts";
import { HealLimits } from "./heal-limits.ts";
import { LiveOverlay } from "./live-overlay.ts";
import { PrunePass } from "./prune-pass.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** The two kinds of passes over a cluster, and what they share. */
export interface ReconcilePasses {
  readonly bundle: BundlePass;
  readonly prune: PrunePass;
  readonly overlay: LiveOverlay;
  readonly limits: HealLimits;
  readonly frozen: FrozenBundles;
  /** Forgets in memory what left the inventory other than by a deletion: orphaned, or handed over. To be called when an assignment comes into force. */
  readonly forgetUnowned: () => void;
}

/** Makes the passes: all their requests go through one limiter, and all they write is covered by one overlay. */
export function createPasses(
  options: ReconcilerOptions,
  parts: {
    readonly stateOf: (name: BundleName) => BundleState;
    /** Throws where writing is not permitted any more. */
    readonly requireNewest: (plan: AssignmentPlan) => Promise<void>;
  },
): ReconcilePasses {
  const { port, discovery, inventory, records, clock, failpoint } = options;
  const limiter = new Limiter(options.requestsAtOnce ?? 20);
  inventory.gatherWhile(limiter);
  records.gatherWhile(limiter);
  const overlay = new LiveOverlay(options.view);
  const limits = new HealLimits();
  const frozen = new FrozenBundles(records);
  const shared = { port, discovery, inventory, failpoint };
  const objects = new ObjectApplier({ port, limiter, clock, failpoint });
  const applier = new BundleApplier({ ...shared, clock, objects });
  const executor = new PruneExecutor({ ...shared, limiter });
  const forget = (key: string) => {
    objects.forget(key);
    overlay.forget(key);
  };
  return {
    overlay,
    limits,
    frozen,
    forgetUnowned: () => {
      const isOwned = (key: string) => inventory.get(key) !== undefined;
      objects.keepOnly(isOwned);
      limits.keepOnly(isOwned);
    },
    bundle: new BundlePass({
      ...parts,
      options,
      applier,
      overlay,
      limiter,
      limits,
    }),
    prune: new PrunePass(options, executor, forget, frozen),
  };
}
