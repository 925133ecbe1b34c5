import {
  type BundleName,
  type Digest,
  type Template,
} from "@wheelhouse/assignment";
import {
  type ApplyContext,
  type BundleApplier,
  type DesiredObject,
  KubeError,
  type Limiter,
  type ObjectResult,
  refusalOf,
  toDesired,
} from "@wheelhouse/kube-apply";
import { type KubeObject, gvkOf } from "@wheelhouse/kube-object";
import { AppliedRecords } from "./applied-records.ts";
import {
  type AssignmentPlan,
  type PlannedBundle,
  hasObject,
} from "./assignment-plan.ts";
import { expressionProblem } from "./bundle-expressions.ts";
import { obstacleOf } from "./bundle-obstacle.ts";
import {
  type BundleObstacle,
  type BundleState,
  type LateFacts,
  unknownState,
} from "./bundle-state.ts";
import { checkDependencies } from "./dependency-gate.ts";
import { type DependencyState } from "./dependency-state.ts";
import { EarlierArtifacts } from "./earlier-artifacts.ts";
import { EnsuredNamespaces } from "./ensured-namespaces.ts";
import { HealthReader } from "./health-reader.ts";
import { type HealLimits } from "./heal-limits.ts";
import { redactHealth, redactResults } from "./late-redaction.ts";
import { type FinishedTemplate } from "./late-values.ts";
import { type LiveOverlay } from "./live-overlay.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** What a pass over one bundle works with. */
export interface BundlePassOptions {
  readonly options: ReconcilerOptions;
  readonly applier: BundleApplier;
  readonly overlay: LiveOverlay;
  /** Bounds the requests at once. */
  readonly limiter: Limiter;
  readonly limits: HealLimits;
  readonly stateOf: (name: BundleName) => BundleState;
  /** Throws where writing is not permitted any more. */
  readonly requireNewest: (plan: AssignmentPlan) => Promise<void>;
}

/** What a pass is about. */
export interface PassInput {
  readonly plan: AssignmentPlan;
  readonly planned: PlannedBundle;
  readonly isThorough: boolean;
  readonly signal: AbortSignal;
  /** What finished its template, once that is done. */
  readonly late?: FinishedTemplate;
}

/** One pass over one bundle, from what is durable and in view to what it shall be; gives the new state. */
export class BundlePass {
  readonly #with: BundlePassOptions;
  readonly #earlier: EarlierArtifacts;
  readonly #records: AppliedRecords;
  readonly #health: HealthReader;
  readonly #namespaces = new EnsuredNamespaces();

  constructor(options: BundlePassOptions) {
    this.#with = options;
    this.#earlier = new EarlierArtifacts(options.options.artifacts);
    this.#records = new AppliedRecords(options);
    this.#health = new HealthReader(options);
  }

  /** The recipe: held or suspended, dependencies, apply, record, health. */
  async run(input: PassInput): Promise<BundleState> {
    const { planned } = input;
    const { spec } = planned.assigned;
    const before = this.#with.stateOf(spec.name);
    if (spec.suspend) return this.#look(input, before);
    if (planned.desired === null) return this.#lacking(input, before);
    const problem = expressionProblem(spec);
    if (problem !== undefined) {
      const reason = "InvalidExpression";
      const held = { reason, message: problem, isFinal: true };
      return this.#hold(input, before, held);
    }
    const waitsFor = this.#waitsFor(input);
    if (waitsFor !== undefined) return this.#waiting(input, before, waitsFor);
    if (planned.template === undefined) return this.#carryOut(input, before);
    const finished = await this.#finish(input, planned.template);
    if ("reason" in finished) return this.#hold(input, before, finished);
    return this.#carryOut(finished, before);
  }

  async #carryOut(input: PassInput, before: BundleState): Promise<BundleState> {
    const desired = input.planned.desired ?? [];
    const refusal = await this.#prepare(input);
    if (refusal !== undefined) {
      const nothing = { results: [], waitsFor: "", isAppliedNow: false };
      return this.#judge(input, before, { ...nothing, obstacle: refusal });
    }
    const results = await this.#apply(input, desired);
    const isComplete =
      results.length === desired.length &&
      results.every(({ outcome }) => outcome.kind !== "refused");
    if (isComplete) {
      const { plan, planned, late } = input;
      await this.#records.writeApplied(
        plan,
        planned.assigned,
        late?.fingerprint,
      );
    }
    return this.#judge(input, before, {
      results,
      waitsFor: "",
      isAppliedNow: isComplete,
      obstacle: obstacleOf(results),
    });
  }

  /** The state that others see of a bundle that they depend on. */
  dependencyState(
    plan: AssignmentPlan,
    name: BundleName,
  ): DependencyState | undefined {
    const planned = plan.bundles.get(name);
    if (planned === undefined) return undefined;
    const { health } = this.#with.stateOf(name);
    return {
      assigned: planned.assigned,
      isApplied: !this.#isFresh(planned),
      isReady: health?.isReady ?? false,
      areChecksReady: health?.areChecksReady ?? false,
    };
  }

  #isNew({ assigned }: PlannedBundle): boolean {
    const record = this.#with.options.records.get(assigned.spec.name);
    return record?.applied !== assigned.digest;
  }

  /** Whether the digest, with the newest late values that are known, is still to be applied. */
  #isFresh(
    planned: PlannedBundle,
    late = this.#with.stateOf(planned.assigned.spec.name).late?.fingerprint,
  ): boolean {
    const { name } = planned.assigned.spec;
    const record = this.#with.options.records.get(name);
    return (
      this.#isNew(planned) || (late !== undefined && record?.late !== late)
    );
  }

  /** Order is for the first application of a digest only, never for healing. */
  #waitsFor({ plan, planned }: PassInput): string | undefined {
    if (!this.#isNew(planned)) return undefined;
    const verdict = checkDependencies(planned.assigned, (name) =>
      this.dependencyState(plan, name),
    );
    return verdict.kind === "met" ? undefined : verdict.message;
  }

  /** A bundle that waits keeps what was applied last as it is. */
  async #waiting(
    input: PassInput,
    before: BundleState,
    waitsFor: string,
  ): Promise<BundleState> {
    const { spec } = input.planned.assigned;
    const record = this.#with.options.records.get(spec.name);
    const results: ObjectResult[] = [];
    if (record?.applied && record.artifact !== null) {
      const content = await this.#earlier.contentOf(record.artifact);
      // An earlier template is not finished again: its objects stay as they are.
      const objects = content.kind === "objects" ? content.objects : [];
      const owner = { fleet: input.plan.envelope.fleet, bundle: spec.name };
      const old = toDesired(objects, owner).filter(({ key }) =>
        this.#isStillOurs(key, spec.name),
      );
      const context = this.#context(input, record.artifact);
      results.push(...(await this.#with.applier.apply(old, context)));
      this.#cover(results);
    }
    const obstacle = undefined;
    return this.#judge(input, before, {
      results,
      waitsFor,
      isAppliedNow: false,
      obstacle,
    });
  }

  #isStillOurs(key: string, bundle: BundleName): boolean {
    return this.#with.options.inventory.get(key)?.bundle === bundle;
  }

  /** What comes before the first object: the bundle's record, and the namespaces that it needs. Gives what stops it. */
  async #prepare(input: PassInput): Promise<BundleObstacle | undefined> {
    const { applier, stateOf, requireNewest } = this.#with;
    const { plan, planned, signal } = input;
    const { spec } = planned.assigned;
    const isFresh = this.#isFresh(planned, input.late?.fingerprint);
    if (isFresh) await this.#records.writeAhead(input.plan, planned.assigned);
    const hasFailed = stateOf(spec.name).failures > 0;
    if (!isFresh && !hasFailed) return undefined;
    const context = { spec, signal, requireNewest: () => requireNewest(plan) };
    try {
      await this.#namespaces.ensure(spec.createNamespaces, hasFailed, (name) =>
        applier.ensureNamespaces([name], context),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const { reason, message, isTransient } = refusalOf(error);
      return {
        reason,
        message: message.slice(0, 1024),
        isFinal: !isTransient,
      };
    }
  }

  async #apply(
    input: PassInput,
    desired: readonly DesiredObject[],
  ): Promise<readonly ObjectResult[]> {
    const { applier } = this.#with;
    const { spec } = input.planned.assigned;
    const artifact = spec.artifact?.digest;
    if (artifact === undefined) return [];
    const context = this.#context(input, artifact);
    const results = await applier.apply(desired, context);
    this.#cover(results);
    return input.late === undefined
      ? results
      : redactResults(results, input.late);
  }

  #context(input: PassInput, artifact: Digest): ApplyContext {
    const { options, overlay, limits } = this.#with;
    const { plan, planned } = input;
    return {
      artifact,
      fleet: plan.envelope.fleet,
      spec: planned.assigned.spec,
      entryOf: (key) => options.inventory.get(key),
      view: (kind, key) => overlay.get(kind, key),
      hasObject: (bundle, key) => hasObject(plan, bundle, key),
      lastApplied: (digest, key) => this.#earlier.objectOf(digest, key),
      mayHeal: (key) => limits.mayHeal(key, options.clock.monotonicMs()),
      isThorough: input.isThorough,
      requireNewest: () => this.#with.requireNewest(plan),
      signal: input.signal,
    };
  }

  #cover(results: readonly ObjectResult[]): void {
    const { overlay, limits, options } = this.#with;
    for (const { desired, outcome } of results) {
      if (outcome.kind !== "applied" || outcome.live === undefined) continue;
      overlay.cover(gvkOf(desired.object), desired.key, outcome.live);
      if (outcome.action === "healed") {
        limits.record(desired.key, options.clock.monotonicMs());
      }
      const bundle = options.inventory.get(desired.key)?.bundle;
      if (outcome.remains === undefined || bundle === undefined) continue;
      const message = outcome.remains;
      options.emit({ kind: "Normal", reason: "Adopted", bundle, message });
    }
  }

  /** Finishes a bundle's template; gives the pass to go on with, or why it cannot be. */
  async #finish(
    input: PassInput,
    template: Template,
  ): Promise<PassInput | BundleObstacle> {
    const { lateValues } = this.#with.options;
    const { plan, planned, signal } = input;
    const { spec } = planned.assigned;
    if (lateValues === undefined) {
      const message = "this spoke finishes no templates";
      return { reason: "LateValues", message, isFinal: true };
    }
    const late = await lateValues.finish({ template, spec }, { signal });
    if (!late.ok) return late;
    const owner = { fleet: plan.envelope.fleet, bundle: spec.name };
    const digestOf = (object: KubeObject) => late.digestOf(object);
    const desired = toDesired(late.objects, owner, digestOf);
    return { ...input, late, planned: { ...planned, desired } };
  }

  /** Holds what cannot be judged or finished: what was applied last stays, and nothing is healed by guess. */
  async #hold(
    input: PassInput,
    before: BundleState,
    { reason, message, isFinal }: BundleObstacle,
  ): Promise<BundleState> {
    const cut = message.slice(0, 1024);
    const state = await this.#judge(input, before, {
      results: [],
      waitsFor: "",
      isAppliedNow: false,
      obstacle: { reason, message: cut, isFinal },
    });
    return { ...state, held: state.held ?? { reason, message: cut } };
  }

  /** A suspended bundle is looked at, and not touched. */
  #look(input: PassInput, before: BundleState): Promise<BundleState> {
    return this.#judge(input, before, {
      results: [],
      waitsFor: "",
      isAppliedNow: false,
      obstacle: undefined,
    });
  }

  #lacking(
    { planned }: PassInput,
    before: BundleState,
  ): Promise<BundleState> | BundleState {
    const { artifact, held } = planned.assigned.spec;
    const obstacle: BundleObstacle | undefined =
      artifact === null
        ? undefined
        : {
            reason: "ArtifactMissing",
            message: "its artifact is missing or damaged in the cluster",
            isFinal: false,
          };
    return {
      ...unknownState,
      held,
      obstacle,
      failures: artifact === null ? 0 : before.failures + 1,
    };
  }

  async #judge(
    input: PassInput,
    before: BundleState,
    outcome: Pick<
      BundleState,
      "results" | "waitsFor" | "isAppliedNow" | "obstacle"
    >,
  ): Promise<BundleState> {
    const now = this.#with.options.clock.monotonicMs();
    const { late, plan, planned, signal } = input;
    const found = await this.#health.read({
      planned,
      results: outcome.results,
      bundleState: (name) => this.dependencyState(plan, name),
      signal,
    });
    const isLate = planned.template !== undefined;
    const health = isLate ? redactHealth(found, late) : found;
    const isSettled = health.isReady && outcome.obstacle === undefined;
    return {
      ...outcome,
      health,
      held: planned.assigned.spec.held,
      ...(late === undefined ? {} : { late: factsOf(late) }),
      notReadySinceMs:
        isSettled || outcome.waitsFor !== ""
          ? undefined
          : (before.notReadySinceMs ?? this.#startOf(before, input) ?? now),
      failures: outcome.obstacle === undefined ? 0 : before.failures + 1,
    };
  }

  /** After a restart the time to become Ready goes on from when the digest was applied; what breaks later has all its time again. */
  #startOf(
    before: BundleState,
    { planned: { assigned } }: PassInput,
  ): number | undefined {
    if (before.health !== undefined) return undefined;
    const record = this.#with.options.records.get(assigned.spec.name);
    if (record?.applied !== assigned.digest) return undefined;
    const { clock } = this.#with.options;
    const sinceMs = clock.nowMs() - Date.parse(record.appliedAt);
    const { timeoutMs } = assigned.spec;
    // A wall that was set meanwhile ends the time at most at once, and begins it anew at most.
    return clock.monotonicMs() - Math.min(Math.max(0, sinceMs), timeoutMs);
  }
}

function factsOf({
  fingerprint,
  macNotVerifiable,
}: FinishedTemplate): LateFacts {
  return { fingerprint, macNotVerifiable };
}
