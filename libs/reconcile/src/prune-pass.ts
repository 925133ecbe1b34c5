import { type BundleName } from "@wheelhouse/assignment";
import {
  type BundleEvidence,
  type InventoryEntry,
  type PruneEvidence,
  type PruneExecutor,
  type PruneOutcome,
  backoffAfter,
  impersonationOf,
} from "@wheelhouse/kube-apply";
import { formatObjectId, parseObjectKey } from "@wheelhouse/kube-object";
import { type PruneHold } from "@wheelhouse/protocol";
import { type AssignmentPlan } from "./assignment-plan.ts";
import { type BundleState } from "./bundle-state.ts";
import { type FrozenBundles } from "./frozen-bundles.ts";
import {
  holdsAfterFailure,
  isTold,
  obstacleOfFailure,
} from "./pass-failure.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** What one prune pass works on. */
export interface PruneInput {
  readonly plan: AssignmentPlan;
  readonly stateOf: (name: BundleName) => BundleState;
  /** Throws where the assignment of the plan is not the newest. */
  readonly requireNewest: () => Promise<void>;
  readonly isDelegationValid: boolean;
  readonly isFresh: boolean;
  /** In monotonic time. */
  readonly confirmation: PruneEvidence["confirmation"];
}

/** What a prune pass leaves to do. */
export interface PruneResult {
  readonly holds: readonly PruneHold[];
  /** Milliseconds until another pass is due; undefined where none is. */
  readonly againAfterMs: number | undefined;
}

/** A refused deletion, and an object that waits for its finalizers, are looked at again after this time. */
const retryMs = 15_000;

/** What could not be looked at is looked at again: half a second later, then twice as long each time, up to this. */
const lookAgainMs = 60_000;

/** Holds that a later look may lift by itself. */
const doubts: ReadonlySet<string> = new Set([
  "Unreadable",
  "KindNotServed",
  "ContentsUnknown",
]);

/** Holds that end with time alone, when a clock is put right, when a hub is heard again, or when others clear away what is theirs, and how often they are looked at. */
const agingHolds: ReadonlySet<string> = new Set([
  "Adopted",
  "DelegationExpired",
  "Unfresh",
  "NotEmpty",
]);
const agingMs = 600_000;

/** Finds what no bundle has any more, and lets the prune gate decide. */
export class PrunePass {
  readonly #options: ReconcilerOptions;
  readonly #executor: PruneExecutor;
  readonly #forget: (key: string) => void;
  readonly #frozen: FrozenBundles;
  #since = new Map<string, number>();
  /** By bundle, those that take objects of it over and are not applied since. */
  readonly #takers = new Map<BundleName, Set<BundleName>>();
  /** Looks in a row that left a doubt. */
  #doubtfulLooks = 0;
  /** Passes in a row that threw. */
  #failures = 0;

  constructor(
    options: ReconcilerOptions,
    executor: PruneExecutor,
    forget: (key: string) => void,
    frozen: FrozenBundles,
  ) {
    this.#options = options;
    this.#executor = executor;
    this.#forget = forget;
    this.#frozen = frozen;
  }

  /** Notes which bundles take objects of others over: once they have, the inventory does not tell any more. To be called when an assignment comes into force. */
  expect({ ownerByKey }: AssignmentPlan): void {
    for (const [key, { bundle }] of this.#options.inventory.entries()) {
      const taker = ownerByKey.get(key);
      if (taker === undefined || taker === bundle) continue;
      const takers = this.#takers.get(bundle) ?? new Set();
      this.#takers.set(bundle, takers.add(taker));
    }
  }

  /** One pass. No candidate costs no request. */
  async run(input: PruneInput): Promise<PruneResult> {
    const result = await this.#run(input);
    this.#failures = 0;
    return result;
  }

  /** What is held after a pass that threw; what was held before it where that is not told of yet. */
  failed(
    error: unknown,
    plan: AssignmentPlan,
    holds: readonly PruneHold[],
  ): readonly PruneHold[] {
    const obstacle = obstacleOfFailure(error);
    const wasTold = this.#failures > 0 && isTold(obstacle, this.#failures);
    this.#failures += 1;
    if (!isTold(obstacle, this.#failures)) return holds;
    if (!wasTold) {
      const { message } = obstacle;
      const event = { kind: "Warning", reason: "PruneFailed" } as const;
      this.#options.emit({ ...event, bundle: "(prune)", message });
    }
    const candidates = this.#candidatesOf(plan).flatMap(([key, { bundle }]) => {
      const object = parseObjectKey(key);
      return object === undefined || !this.#isPruned(bundle, plan)
        ? []
        : [{ object, bundle }];
    });
    return holdsAfterFailure(candidates, holds, obstacle);
  }

  #isPruned(bundle: BundleName, plan: AssignmentPlan): boolean {
    const spec = plan.bundles.get(bundle)?.assigned.spec;
    return (spec ?? this.#options.records.get(bundle))?.prune !== false;
  }

  #candidatesOf({
    ownerByKey,
  }: AssignmentPlan): readonly (readonly [string, InventoryEntry])[] {
    return [...this.#options.inventory.entries()].filter(
      ([key]) => !ownerByKey.has(key),
    );
  }

  async #run(input: PruneInput): Promise<PruneResult> {
    const { clock } = this.#options;
    await this.#frozen.write(input.requireNewest);
    await this.#unmarkWanted(input);
    const monotonicMs = clock.monotonicMs();
    const candidates = this.#candidatesOf(input.plan);
    this.#since = new Map(
      candidates.map(([key]) => [key, this.#since.get(key) ?? monotonicMs]),
    );
    if (candidates.length === 0) {
      await this.#dropRecords(input.plan);
      return { holds: [], againAfterMs: undefined };
    }
    await input.requireNewest();
    const outcome = await this.#executor.prune(
      candidates.map(([key, entry]) => ({
        key,
        entry,
        candidateSinceMs: this.#since.get(key) ?? monotonicMs,
        ...this.#impersonation(entry, input.plan),
      })),
      this.#evidence(input, monotonicMs),
      input.requireNewest,
    );
    this.#tell(outcome);
    await this.#dropRecords(input.plan);
    return {
      holds: [
        ...outcome.holds,
        ...outcome.failed
          .filter(({ isTransient }) => !isTransient)
          .map((failure) => ({ ...failure, reason: "PruneFailed" })),
      ].map(({ candidate, reason, message }) => ({
        object: candidate.id,
        bundle: candidate.entry.bundle,
        reason,
        message: message.slice(0, 1024),
      })),
      againAfterMs: this.#againAfter(outcome, input),
    };
  }

  /** What is wanted again is no longer of a set that was over its budget. */
  async #unmarkWanted({ plan, requireNewest }: PruneInput): Promise<void> {
    const { inventory } = this.#options;
    const wanted = [...inventory.entries()].filter(
      ([key, { isOverBudget }]) => isOverBudget && plan.ownerByKey.has(key),
    );
    if (wanted.length === 0) return;
    await requireNewest();
    await inventory.update(new Map(wanted.map(([key]) => [key, withoutMark])));
  }

  #impersonation(entry: InventoryEntry, plan: AssignmentPlan) {
    const spec = plan.bundles.get(entry.bundle)?.assigned.spec;
    if (spec !== undefined) return impersonationOf(spec);
    // A bundle that left: its account is in its record, also after a restart.
    const record = this.#options.records.get(entry.bundle);
    return record?.serviceAccount === undefined
      ? {}
      : { impersonate: record.serviceAccount };
  }

  #evidence(input: PruneInput, monotonicMs: number): PruneEvidence {
    const { plan } = input;
    return {
      monotonicMs,
      nowMs: this.#options.clock.nowMs(),
      issuedAtMs: Date.parse(plan.envelope.issuedAt),
      fleet: plan.envelope.fleet,
      assignment: {
        // Only what was verified is ever assigned to a reconciler.
        isVerified: true,
        isDelegationValid: input.isDelegationValid,
        isFresh: input.isFresh,
        // Asked live at the start of this pass, and again before each of its writes: a newer one ends it.
        isNewest: true,
      },
      unsoundBundles: [...plan.bundles.values()]
        .filter(
          ({ assigned, desired }) =>
            assigned.spec.held !== null || desired === null,
        )
        .map(({ assigned }) => assigned.spec.name),
      inventoryProblem:
        this.#options.inventory.problem ?? this.#options.records.problem,
      bundles: this.#bundleEvidence(input),
      desiredBy: (key) => plan.ownerByKey.get(key),
      allowDelete: plan.allowDelete,
      confirmation: input.confirmation,
    };
  }

  #bundleEvidence({
    plan,
    stateOf,
  }: PruneInput): ReadonlyMap<BundleName, BundleEvidence> {
    const owned = new Map<BundleName, number>();
    /** Bundles of which another has not taken everything over yet. */
    const waiting = new Set<BundleName>();
    for (const [, { bundle }] of this.#options.inventory.entries()) {
      owned.set(bundle, (owned.get(bundle) ?? 0) + 1);
    }
    this.expect(plan);
    for (const [bundle, takers] of this.#takers) {
      for (const taker of takers) {
        const isDone = !plan.bundles.has(taker) || stateOf(taker).isAppliedNow;
        if (isDone) takers.delete(taker);
        else waiting.add(bundle);
      }
    }
    const areAllApplied = [...plan.bundles].every(
      ([name, { assigned }]) =>
        assigned.spec.suspend || stateOf(name).isAppliedNow,
    );
    const evidence = new Map<BundleName, BundleEvidence>();
    for (const [name, record] of this.#options.records.entries()) {
      evidence.set(name, {
        isAssigned: false,
        isSuspended: this.#frozen.has(name),
        desiredObjects: 0,
        ownedObjects: owned.get(name) ?? 0,
        isApplied: areAllApplied && !waiting.has(name),
        prune: record.prune,
        deletionPolicy: record.deletionPolicy,
      });
    }
    for (const [name, { assigned, desired }] of plan.bundles) {
      evidence.set(name, {
        isAssigned: true,
        isSuspended: assigned.spec.suspend,
        desiredObjects: desired?.length ?? 0,
        ownedObjects: owned.get(name) ?? 0,
        isApplied: stateOf(name).isAppliedNow && !waiting.has(name),
        prune: assigned.spec.prune,
        deletionPolicy: assigned.spec.deletionPolicy,
      });
    }
    return evidence;
  }

  /** A bundle that left, and owns nothing any more, needs no record. */
  async #dropRecords(plan: AssignmentPlan): Promise<void> {
    const { records, inventory } = this.#options;
    const gone = [...records.entries()]
      .map(([name]) => name)
      .filter((name) => !plan.bundles.has(name));
    if (gone.length === 0) return;
    const owners = new Set(
      [...inventory.entries()].map(([, entry]) => entry.bundle),
    );
    const empty = gone.filter((name) => !owners.has(name));
    this.#frozen.forget(empty);
    await records.update(new Map(empty.map((name) => [name, () => undefined])));
  }

  #tell({ deleted, failed }: PruneOutcome): void {
    for (const { id, key, entry } of deleted) {
      this.#forget(key);
      const object = formatObjectId(id);
      this.#options.log("info", "pruned", { object, bundle: entry.bundle });
      this.#options.emit({
        kind: "Normal",
        reason: "Pruned",
        bundle: entry.bundle,
        message: object,
      });
    }
    for (const { candidate, message } of failed) {
      this.#options.log("warn", "deletion refused", {
        object: formatObjectId(candidate.id),
        bundle: candidate.entry.bundle,
        message,
      });
    }
  }

  #againAfter(
    { deleted, failed, keeps, holds }: PruneOutcome,
    { confirmation }: PruneInput,
  ): number | undefined {
    const delays: number[] = [];
    const has = (reason: string) =>
      keeps.some((keep) => keep.reason === reason);
    const isDoubtful = holds.some(({ reason }) => doubts.has(reason));
    this.#doubtfulLooks = isDoubtful ? this.#doubtfulLooks + 1 : 0;
    if (isDoubtful) delays.push(backoffAfter(this.#doubtfulLooks, lookAgainMs));
    if (holds.some(({ reason }) => agingHolds.has(reason))) {
      delays.push(agingMs);
    }
    if (has("AwaitsSecondPass")) delays.push(confirmation.afterMs);
    if (deleted.length > 0 || failed.length > 0 || has("Terminating")) {
      delays.push(retryMs);
    }
    return delays.length === 0 ? undefined : Math.min(...delays);
  }
}

function withoutMark(
  current: InventoryEntry | undefined,
): InventoryEntry | undefined {
  if (current?.isOverBudget === undefined) return current;
  const { isOverBudget: _, ...entry } = current;
  return entry;
}
