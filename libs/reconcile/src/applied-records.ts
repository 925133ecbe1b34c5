import { type AssignedBundle } from "@wheelhouse/assignment";
import {
  type BundleRecord,
  formatTime,
  impersonationOf,
} from "@wheelhouse/kube-apply";
import { type AssignmentPlan } from "./assignment-plan.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** What records are written with. */
export interface AppliedRecordsOptions {
  readonly options: Pick<ReconcilerOptions, "records" | "clock" | "failpoint">;
  /** Throws where writing is not permitted any more. */
  readonly requireNewest: (plan: AssignmentPlan) => Promise<void>;
}

/** What is durable about a bundle: written ahead of its first object, and once it is applied whole. */
export class AppliedRecords {
  readonly #with: AppliedRecordsOptions;

  constructor(options: AppliedRecordsOptions) {
    this.#with = options;
  }

  /** What a bundle will need when it leaves is durable before its first object is. */
  async writeAhead(
    plan: AssignmentPlan,
    assigned: AssignedBundle,
  ): Promise<void> {
    const { records, clock } = this.#with.options;
    const { name } = assigned.spec;
    if (records.get(name) !== undefined) return;
    await this.#with.requireNewest(plan);
    const record: BundleRecord = {
      applied: null,
      artifact: null,
      appliedAt: formatTime(clock.nowMs()),
      ...leavingOf(assigned),
    };
    await records.update(new Map([[name, (current) => current ?? record]]));
  }

  /** Says that a digest is applied whole, with late values of a fingerprint where it has any. */
  async writeApplied(
    plan: AssignmentPlan,
    assigned: AssignedBundle,
    late: string | undefined,
  ): Promise<void> {
    const { records, clock, failpoint } = this.#with.options;
    const { name, artifact } = assigned.spec;
    const before = records.get(name);
    const isSame = before?.late === late;
    if (before?.applied === assigned.digest && isSame) return;
    await this.#with.requireNewest(plan);
    failpoint("applied.beforeRecord");
    const record: BundleRecord = {
      applied: assigned.digest,
      artifact: artifact?.digest ?? null,
      appliedAt: formatTime(clock.nowMs()),
      ...leavingOf(assigned),
      ...(late === undefined ? {} : { late }),
    };
    // Whether it is suspended is not for this pass to say: an assignment may have said so since.
    const change = (current: BundleRecord | undefined): BundleRecord =>
      current?.isSuspended === true ? { ...record, isSuspended: true } : record;
    await records.update(new Map([[name, change]]));
    failpoint("applied.afterRecord");
  }
}

/** What a bundle's record must say once the bundle has left. */
function leavingOf({
  spec,
}: AssignedBundle): Pick<
  BundleRecord,
  "prune" | "deletionPolicy" | "serviceAccount"
> {
  const { prune, deletionPolicy } = spec;
  const { impersonate } = impersonationOf(spec);
  return {
    prune,
    deletionPolicy,
    ...(impersonate === undefined ? {} : { serviceAccount: impersonate }),
  };
}
