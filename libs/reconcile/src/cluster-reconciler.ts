import { type BundleName, compareVersions } from "@wheelhouse/assignment";
import { type DriftLedger } from "@wheelhouse/drift";
import { type StoredMark } from "@wheelhouse/kube-apply";
import { errorText, objectKey } from "@wheelhouse/kube-object";
import {
  type AssignmentMark,
  type BundleReport,
  type PruneHold,
} from "@wheelhouse/protocol";
import { collectArtifacts, collectAgeMs } from "./artifact-collection.ts";
import { AssignmentGuard, SupersededError } from "./assignment-guard.ts";
import {
  type AssignmentPlan,
  type PlannedBundle,
  isSamePlanned,
  lackingArtifacts,
  planAssignment,
} from "./assignment-plan.ts";
import { BundleBook } from "./bundle-book.ts";
import {
  type BundleState,
  concernsDependants,
  isSettled,
} from "./bundle-state.ts";
import { DeletionTerms } from "./deletion-terms.ts";
import { KeyedLoop, type PassResult } from "./keyed-loop.ts";
import { nextLookMs } from "./next-look.ts";
import { stateAfterFailure } from "./pass-failure.ts";
import { type PruneResult } from "./prune-pass.ts";
import { type ReconcilePasses, createPasses } from "./reconcile-passes.ts";
import {
  type AcknowledgedAssignment,
  type ReconcilerOptions,
} from "./reconciler-options.ts";
import { servedKindsOf } from "./watched-kinds.ts";

/** The loop's key for the prune pass; no bundle has such a name. */
const pruneKey = "(prune)";

/** Bundles become ready together; one prune pass looks at all of them. */
const pruneDelayMs = 50;

/** The loop's key for artifacts that nobody needs. */
const collectKey = "(artifacts)";

/** How long a start waits for its first view of what is owned. */
const firstLookMs = 3_000;

/** What the hub is told, as it stands. */
export interface ReconcilerFacts {
  readonly assignment: AssignmentMark | null;
  readonly bundles: readonly BundleReport[];
  readonly drift: DriftLedger;
  readonly pruneHolds: readonly PruneHold[];
}

/** Keeps one cluster at its acknowledged assignment, with or without a hub. */
export class ClusterReconciler {
  readonly #options: ReconcilerOptions;
  readonly #loop: KeyedLoop;
  readonly #passes: ReconcilePasses;
  readonly #book: BundleBook;
  readonly #terms: DeletionTerms;
  readonly #thorough = new Set<BundleName>();
  readonly #stopWatching: () => void;
  readonly #requireNewest: (plan: AssignmentPlan) => Promise<void>;
  #current: AcknowledgedAssignment | undefined;
  #plan: AssignmentPlan | undefined;
  #holds: readonly PruneHold[] = [];
  /** The wall at the start, less the monotonic count. */
  readonly #wallOffsetMs: number;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    const { clock, confirmPruneAfterMs = 60_000 } = options;
    this.#wallOffsetMs = clock.nowMs() - clock.monotonicMs();
    const guard = new AssignmentGuard(options.assignments, () => this.#current);
    this.#requireNewest = ({ envelope }) => guard.requireNewest(envelope);
    this.#book = new BundleBook(options);
    this.#terms = new DeletionTerms(clock, confirmPruneAfterMs);
    this.#passes = createPasses(options, {
      stateOf: (name) => this.#book.stateOf(name),
      requireNewest: this.#requireNewest,
    });
    this.#loop = new KeyedLoop({
      clock,
      concurrency: options.bundlesAtOnce ?? 500,
      reconcile: (key, signal) => this.#reconcile(key, signal),
      onError: (key, error) => this.#onError(key, error),
    });
    this.#stopWatching = options.view.onChange((id, object, previous) => {
      const key = objectKey(id);
      if (object === undefined && previous !== undefined) {
        this.#passes.overlay.dropped(key, previous);
      }
      this.#onChange(key);
    });
  }

  /** Takes note of what an acknowledged assignment suspends: it may be followed by the next before it is worked on. */
  heed(assignment: Pick<AcknowledgedAssignment, "envelope" | "mark">): void {
    this.#passes.frozen.heed(assignment);
  }

  /** Works on an acknowledged assignment from now on. An older one than the current is not taken. Throws `KubeError` where its artifacts cannot be read. */
  async assign(assignment: AcknowledgedAssignment): Promise<void> {
    this.heed(assignment);
    const { envelope, mark } = assignment;
    const before = this.#current;
    if (before !== undefined && compareVersions(mark, before.mark) <= 0) return;
    const lacking = lackingArtifacts(envelope, this.#plan);
    const bytes = await this.#options.artifacts.getMany(lacking);
    if (this.#current !== before) return this.assign(assignment);
    this.#current = assignment;
    this.#terms.takeUp(assignment, {
      isNewEpoch: before?.mark.epoch !== mark.epoch,
    });
    const earlier = this.#plan;
    const plan = planAssignment(envelope, bytes, objectKey, earlier);
    this.#takeUp(plan);
    if (before === undefined) await this.#firstLook();
    for (const [name, planned] of plan.bundles) {
      const isSame = isSamePlanned(planned, earlier?.bundles.get(name));
      // What is settled as it is assigned again stays so; its watch and its timers go on.
      if (!isSame || !isSettled(this.#book.stateOf(name))) this.#loop.add(name);
    }
    this.#loop.addAfter(pruneKey, pruneDelayMs);
    this.#loop.addAfter(collectKey, collectAgeMs);
    this.#options.log("info", "assignment in force", {
      epoch: mark.epoch,
      seq: mark.seq,
      root: mark.root,
      bundles: envelope.bundles.length,
    });
    this.#options.reportChanged();
    await this.#remember(plan);
  }

  /** Reads what the cluster lacked of the current assignment's artifacts, where it has them now, and runs those bundles. Throws `KubeError` where they cannot be read. */
  async readArtifactsAnew(): Promise<void> {
    const [current, before] = [this.#current, this.#plan];
    if (current === undefined || before === undefined) return;
    const { envelope } = current;
    const lacking = lackingArtifacts(envelope, before);
    if (lacking.length === 0) return;
    const bytes = await this.#options.artifacts.getMany(lacking);
    // The next assignment has read what it lacks by itself.
    if (this.#plan !== before || bytes.size === 0) return;
    const plan = planAssignment(envelope, bytes, objectKey, before);
    this.#takeUp(plan);
    for (const [name, planned] of plan.bundles) {
      if (isSamePlanned(planned, before.bundles.get(name))) continue;
      this.#loop.add(name);
    }
    this.#loop.addAfter(pruneKey, pruneDelayMs);
  }

  /** Works on a plan from now on, and looks at what it needs. */
  #takeUp(plan: AssignmentPlan): void {
    this.#plan = plan;
    for (const name of this.#book.takeUp(plan)) {
      this.#thorough.delete(name);
      this.#loop.drop(name);
    }
    this.#passes.prune.expect(plan);
    this.#passes.forgetUnowned();
    this.#watch(plan);
    this.#observeLate(plan);
  }

  /** Before the next assignment is acknowledged: that one may not have a bundle any more that this one suspends. What fails is tried again by the prune pass. */
  async #remember(plan: AssignmentPlan): Promise<void> {
    try {
      await this.#passes.frozen.write(() => this.#requireNewest(plan));
    } catch (error) {
      this.#onError(pruneKey, error);
    }
  }

  /** Compares live state now: one bundle, or all with an empty name. */
  reconcileNow(bundle: BundleName): void {
    const names =
      bundle === "" ? [...(this.#plan?.bundles.keys() ?? [])] : [bundle];
    for (const name of names) {
      this.#thorough.add(name);
      this.#loop.add(name);
    }
  }

  /** What the hub is told; the same values as before where nothing changed. */
  facts(): ReconcilerFacts {
    return {
      assignment: this.#current?.mark ?? null,
      bundles: this.#book.reportsOf(this.#plan?.bundles.keys() ?? []),
      drift: this.#book.drift,
      pruneHolds: this.#holds,
    };
  }

  /** Whether no pass runs or waits for room. */
  get isIdle(): boolean {
    return this.#loop.isIdle;
  }

  /** Starts no further pass, and resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#stopWatching();
    this.#options.lateValues?.stop();
    await this.#loop.stop();
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<PassResult> {
    const plan = this.#plan;
    if (plan === undefined) return { kind: "settled" };
    if (key === pruneKey) return this.#runPrune(plan);
    if (key === collectKey)
      return collectArtifacts({
        ...this.#options,
        steadyNowMs: this.#steadyNowMs,
        currentPlan: () => this.#plan ?? plan,
        requireNewest: () => this.#requireNewest(plan),
      });
    const planned = plan.bundles.get(key);
    return planned === undefined
      ? { kind: "settled" }
      : this.#runBundle({ plan, planned, signal });
  }

  async #runBundle(input: {
    readonly plan: AssignmentPlan;
    readonly planned: PlannedBundle;
    readonly signal: AbortSignal;
  }): Promise<PassResult> {
    const { planned, signal } = input;
    const { name } = planned.assigned.spec;
    const isThorough = this.#thorough.delete(name);
    let state: BundleState;
    try {
      state = await this.#passes.bundle.run({ ...input, isThorough });
    } catch (error) {
      // Who asked for a comparison has not had it yet.
      if (isThorough && this.#plan?.bundles.has(name) === true) {
        this.#thorough.add(name);
      }
      const isTold = !signal.aborted && !(error instanceof SupersededError);
      if (isTold) this.#settleFailed(planned, error);
      throw error;
    }
    if (signal.aborted || !this.#settle(planned, state)) {
      return { kind: "settled" };
    }
    const delayMs = nextLookMs(planned, state, {
      nowMs: this.#options.clock.monotonicMs(),
      spread: this.#options.random(),
      limits: this.#passes.limits,
    });
    return { kind: "requeueAfter", delayMs, why: "resync" };
  }

  /** Takes note of what a pass came to; false where its bundle has become another meanwhile. */
  #settle(planned: PlannedBundle, state: BundleState): boolean {
    const { spec, digest } = planned.assigned;
    const current = this.#plan?.bundles.get(spec.name);
    if (current?.assigned.digest !== digest) return false;
    const before = this.#book.stateOf(spec.name);
    this.#book.record(planned, state);
    this.#wakeDependants(planned, before, state);
    if (state.isAppliedNow && !before.isAppliedNow) {
      this.#loop.addAfter(pruneKey, pruneDelayMs);
    }
    return true;
  }

  #settleFailed(planned: PlannedBundle, error: unknown): void {
    const before = this.#book.stateOf(planned.assigned.spec.name);
    const nowMs = this.#options.clock.monotonicMs();
    this.#settle(planned, stateAfterFailure(before, error, nowMs));
  }

  async #runPrune(plan: AssignmentPlan): Promise<PassResult> {
    const { prune } = this.#passes;
    let result: PruneResult;
    try {
      result = await prune.run({
        plan,
        stateOf: (name) => this.#book.stateOf(name),
        requireNewest: () => this.#requireNewest(plan),
        isDelegationValid: this.#terms.isDelegationValid,
        isFresh: this.#options.isFresh(),
        confirmation: this.#terms.confirmation,
      });
    } catch (error) {
      if (!(error instanceof SupersededError)) {
        this.#hold(prune.failed(error, plan, this.#holds));
      }
      throw error;
    }
    this.#hold(result.holds);
    const { againAfterMs } = result;
    return againAfterMs === undefined
      ? { kind: "settled" }
      : { kind: "requeueAfter", delayMs: againAfterMs, why: "prune" };
  }

  #hold(holds: readonly PruneHold[]): void {
    if (JSON.stringify(holds) === JSON.stringify(this.#holds)) return;
    this.#holds = holds;
    this.#options.reportChanged();
  }

  get #steadyNowMs(): number {
    return this.#wallOffsetMs + this.#options.clock.monotonicMs();
  }

  #wakeDependants(
    planned: PlannedBundle,
    before: BundleState,
    after: BundleState,
  ): void {
    if (!concernsDependants(before, after)) return;
    for (const name of planned.dependants) this.#loop.add(name);
  }

  /** A changed object concerns the bundle that has it, or the prune pass where none has. */
  #onChange(key: string): void {
    const plan = this.#plan;
    if (plan === undefined) return;
    const owner =
      this.#options.inventory.get(key)?.bundle ?? plan.ownerByKey.get(key);
    if (owner === undefined) return;
    if (plan.ownerByKey.has(key) && plan.bundles.has(owner)) {
      this.#loop.add(owner);
    } else {
      this.#loop.addAfter(pruneKey, pruneDelayMs);
    }
  }

  #onError(key: string, error: unknown): void {
    if (error instanceof SupersededError) {
      // An older pass of this process ends; its bundle is run again anyway.
      if (this.#isTakenUp(error.by)) this.#loop.add(key);
      else void this.#giveWay(error);
      return;
    }
    const message = errorText(error);
    this.#options.log("warn", "pass failed", { bundle: key, why: message });
  }

  #isTakenUp(mark: StoredMark): boolean {
    const current = this.#current?.mark;
    return current !== undefined && compareVersions(mark, current) <= 0;
  }

  /** Another instance is at work too: what it recorded is read before its assignment is taken up. */
  async #giveWay({ by }: SupersededError): Promise<void> {
    const { log, inventory, records, superseded } = this.#options;
    log("info", "superseded", { epoch: by.epoch, seq: by.seq });
    try {
      await Promise.all([inventory.reload(), records.reload()]);
    } catch (error) {
      log("warn", "records not read anew", { why: errorText(error) });
    }
    superseded(by);
  }

  #watch(plan: AssignmentPlan): void {
    const owned = servedKindsOf(this.#options.inventory.entries());
    this.#options.view.setKinds([...plan.kinds, ...owned]);
  }

  #observeLate(plan: AssignmentPlan): void {
    const needs = [...plan.bundles].flatMap(([name, { assigned, template }]) =>
      template === undefined
        ? []
        : [[name, { template, spec: assigned.spec }] as const],
    );
    this.#options.lateValues?.observe(new Map(needs), (name) =>
      this.#loop.add(name),
    );
  }

  /** After a start, what is in view saves a request for each object; a kind that cannot be listed is not waited for. */
  async #firstLook(): Promise<void> {
    const end = new AbortController();
    const cancel = this.#options.clock.setTimer(firstLookMs, () => end.abort());
    await this.#options.view.whenSynced(end.signal).catch(() => undefined);
    cancel();
  }
}
