import { type BundleName, compareVersions } from "@wheelhouse/assignment";
import { type DriftLedger } from "@wheelhouse/drift";
import {
  BundleApplier,
  KubeError,
  Limiter,
  ObjectApplier,
  PruneExecutor,
  type StoredMark,
} from "@wheelhouse/kube-apply";
import { objectKey } from "@wheelhouse/kube-object";
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
import { BundlePass } from "./bundle-pass.ts";
import { deadlineOf } from "./bundle-report.ts";
import { type BundleState, isSettled, unknownState } from "./bundle-state.ts";
import { DriftJournal } from "./drift-journal.ts";
import { HealLimits } from "./heal-limits.ts";
import { KeyedLoop, type PassResult, backoffAfter } from "./keyed-loop.ts";
import { LiveOverlay } from "./live-overlay.ts";
import { PrunePass } from "./prune-pass.ts";
import {
  type AcknowledgedAssignment,
  type ReconcilerOptions,
} from "./reconciler-options.ts";
import { ReportBoard } from "./report-board.ts";
import { servedKindsOf } from "./watched-kinds.ts";

/** The loop's key for the prune pass; no bundle has such a name. */
const pruneKey = "(prune)";

/** Bundles become ready together; one prune pass looks at all of them. */
const pruneDelayMs = 50;

/** A health check that is not in view is asked about again after this time. */
const healthPollMs = 2_000;

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
  readonly #pass: BundlePass;
  readonly #prune: PrunePass;
  readonly #objects: ObjectApplier;
  readonly #overlay: LiveOverlay;
  readonly #limits = new HealLimits();
  readonly #states = new Map<BundleName, BundleState>();
  readonly #board: ReportBoard;
  readonly #journal: DriftJournal;
  readonly #thorough = new Set<BundleName>();
  readonly #stopWatching: () => void;
  readonly #requireNewest: (plan: AssignmentPlan) => Promise<void>;
  #current: AcknowledgedAssignment | undefined;
  #plan: AssignmentPlan | undefined;
  #holds: readonly PruneHold[] = [];
  /** Deletions that are first seen before this need a second look; monotonic. */
  #quarantineUntilMs = 0;
  /** The wall at the start, less the monotonic count. */
  readonly #wallOffsetMs: number;
  /** When the delegation ends as it looked when it was taken up; monotonic. */
  #delegationEndsMs = 0;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    const { port, discovery, inventory, records, clock, failpoint } = options;
    this.#wallOffsetMs = clock.nowMs() - clock.monotonicMs();
    const limiter = new Limiter(options.requestsAtOnce ?? 20);
    inventory.gatherWhile(limiter);
    records.gatherWhile(limiter);
    const guard = new AssignmentGuard(options.assignments, () => this.#current);
    const requireNewest = ({ envelope }: AssignmentPlan) =>
      guard.requireNewest(envelope);
    this.#requireNewest = requireNewest;
    this.#board = new ReportBoard(options);
    this.#journal = new DriftJournal(options);
    this.#overlay = new LiveOverlay(options.view);
    this.#objects = new ObjectApplier({ port, limiter, clock, failpoint });
    const applier = new BundleApplier({
      port,
      discovery,
      inventory,
      clock,
      failpoint,
      objects: this.#objects,
    });
    this.#pass = new BundlePass({
      options,
      applier,
      requireNewest,
      overlay: this.#overlay,
      limiter,
      limits: this.#limits,
      stateOf: (name) => this.#stateOf(name),
    });
    const executor = new PruneExecutor({
      port,
      discovery,
      inventory,
      limiter,
      failpoint,
    });
    this.#prune = new PrunePass(options, executor, (key) => this.#forget(key));
    this.#loop = new KeyedLoop({
      clock,
      concurrency: options.bundlesAtOnce ?? 500,
      reconcile: (key, signal) => this.#reconcile(key, signal),
      onError: (key, error) => this.#onError(key, error),
    });
    this.#stopWatching = options.view.onChange((id, object, previous) => {
      const key = objectKey(id);
      if (object === undefined && previous !== undefined) {
        this.#overlay.dropped(key, previous);
      }
      this.#onChange(key);
    });
  }

  /** Works on an acknowledged assignment from now on. An older one than the current is not taken. Throws `KubeError` where its artifacts cannot be read. */
  async assign(assignment: AcknowledgedAssignment): Promise<void> {
    const { envelope, mark } = assignment;
    const before = this.#current;
    if (before !== undefined && isOlder(assignment, before)) return;
    const lacking = lackingArtifacts(envelope, this.#plan);
    const bytes = await this.#options.artifacts.getMany(lacking);
    if (this.#current !== before) return this.assign(assignment);
    if (before?.mark.epoch !== mark.epoch) this.#quarantine();
    this.#current = assignment;
    const { clock } = this.#options;
    const validForMs = assignment.delegationNotAfterMs - clock.nowMs();
    this.#delegationEndsMs = clock.monotonicMs() + validForMs;
    const earlier = this.#plan;
    const plan = planAssignment(envelope, bytes, objectKey, earlier);
    this.#plan = plan;
    this.#dropGone(plan);
    this.#prune.expect(plan);
    this.#watch(plan);
    this.#observeLate(plan);
    if (before === undefined) await this.#firstLook();
    for (const [name, planned] of plan.bundles) {
      const isSame = isSamePlanned(planned, earlier?.bundles.get(name));
      // What is settled as it is assigned again stays so; its watch and its timers go on.
      if (!isSame || !isSettled(this.#stateOf(name))) this.#loop.add(name);
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
      bundles: [...(this.#plan?.bundles.keys() ?? [])].flatMap((name) => {
        const report = this.#board.get(name);
        return report === undefined ? [] : [report];
      }),
      drift: this.#journal.ledger,
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
      return collectArtifacts(
        { ...this.#options, steadyNowMs: this.#steadyNowMs },
        plan,
        () => this.#requireNewest(plan),
      );
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
    const state = await this.#pass.run({ ...input, isThorough });
    const isOutdated =
      this.#plan?.bundles.get(name)?.assigned.digest !==
      planned.assigned.digest;
    if (signal.aborted || isOutdated) return { kind: "settled" };
    const before = this.#stateOf(name);
    this.#states.set(name, state);
    this.#journal.record(name, state);
    this.#board.update(planned, state, this.#journal);
    this.#wakeDependants(planned, before, state);
    if (state.isAppliedNow && !before.isAppliedNow) {
      this.#loop.addAfter(pruneKey, pruneDelayMs);
    }
    return this.#next(planned, state);
  }

  async #runPrune(plan: AssignmentPlan): Promise<PassResult> {
    const current = this.#current;
    if (current === undefined) return { kind: "settled" };
    const { holds, againAfterMs } = await this.#prune.run({
      plan,
      stateOf: (name) => this.#stateOf(name),
      requireNewest: () => this.#requireNewest(plan),
      isDelegationValid: this.#isDelegationValid(current),
      isFresh: this.#options.isFresh(),
      confirmation: {
        untilMs: this.#quarantineUntilMs,
        afterMs: this.#confirmAfterMs,
      },
    });
    if (JSON.stringify(holds) !== JSON.stringify(this.#holds)) {
      this.#holds = holds;
      this.#options.reportChanged();
    }
    return againAfterMs === undefined
      ? { kind: "settled" }
      : { kind: "requeueAfter", delayMs: againAfterMs, why: "prune" };
  }

  /** A wall that is set back after the assignment was taken up does not make its delegation last longer. */
  #isDelegationValid({ delegationNotAfterMs }: AcknowledgedAssignment) {
    const { clock } = this.#options;
    return (
      clock.nowMs() < delegationNotAfterMs &&
      clock.monotonicMs() < this.#delegationEndsMs
    );
  }

  get #steadyNowMs(): number {
    return this.#wallOffsetMs + this.#options.clock.monotonicMs();
  }

  get #confirmAfterMs(): number {
    return this.#options.confirmPruneAfterMs ?? 60_000;
  }

  #quarantine(): void {
    this.#quarantineUntilMs =
      this.#options.clock.monotonicMs() + this.#confirmAfterMs;
  }

  #stateOf(name: BundleName): BundleState {
    return this.#states.get(name) ?? unknownState;
  }

  /** What is due next, if nothing happens before. */
  #next(planned: PlannedBundle, state: BundleState): PassResult {
    const { spec } = planned.assigned;
    const now = this.#options.clock.monotonicMs();
    const interval = spec.intervalMs * (1 + 0.05 * this.#options.random());
    const delays = [interval];
    if (state.obstacle !== undefined) {
      delays.push(backoffAfter(state.failures, spec.retryIntervalMs));
    }
    const isCheckOpen =
      spec.healthChecks.length > 0 && state.health?.areChecksReady === false;
    if (isCheckOpen || state.health?.isWhole === false) {
      delays.push(healthPollMs);
    }
    const deadline = deadlineOf(planned, state);
    if (deadline !== undefined && deadline > now) delays.push(deadline - now);
    for (const { desired, outcome } of state.results) {
      if (outcome.kind !== "applied" || outcome.drift?.state !== "blocked") {
        continue;
      }
      delays.push(
        this.#limits.waitMs(desired.key, now) || spec.retryIntervalMs,
      );
    }
    return {
      kind: "requeueAfter",
      delayMs: Math.max(1, Math.min(...delays)),
      why: "resync",
    };
  }

  #wakeDependants(
    planned: PlannedBundle,
    before: BundleState,
    after: BundleState,
  ): void {
    const isNews =
      before.health?.isReady !== after.health?.isReady ||
      before.health?.areChecksReady !== after.health?.areChecksReady ||
      before.isAppliedNow !== after.isAppliedNow;
    if (!isNews) return;
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
    const message = error instanceof Error ? error.message : String(error);
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
      if (!(error instanceof KubeError)) throw error;
      log("warn", "records not read anew", { why: error.message });
    }
    superseded(by);
  }

  #dropGone(plan: AssignmentPlan): void {
    for (const name of [...this.#board.names(), ...this.#states.keys()]) {
      if (plan.bundles.has(name)) continue;
      this.#board.drop(name);
      this.#journal.forget(name);
      this.#states.delete(name);
      this.#thorough.delete(name);
      this.#loop.drop(name);
    }
    for (const [name, planned] of plan.bundles) {
      if (!this.#board.expect(planned)) continue;
      this.#states.set(name, {
        ...this.#stateOf(name),
        isAppliedNow: false,
        // What was green was the digest before: nobody may go on from it.
        health: undefined,
        obstacle: undefined,
        notReadySinceMs: undefined,
        failures: 0,
      });
    }
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

  #forget(key: string): void {
    this.#objects.forget(key);
    this.#overlay.forget(key);
  }
}

function isOlder(
  a: AcknowledgedAssignment,
  b: AcknowledgedAssignment,
): boolean {
  return (
    a.mark.epoch - b.mark.epoch < 0 ||
    (a.mark.epoch === b.mark.epoch && a.mark.seq <= b.mark.seq)
  );
}
