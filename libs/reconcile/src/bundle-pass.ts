import { type BundleName, type Template } from "@wheelhouse/assignment";
import {
  type BundleApplier,
  type DesiredObject,
  KubeError,
  type Limiter,
  type ObjectResult,
  refusalOf,
  toDesired,
} from "@wheelhouse/kube-apply";
import { type KubeObject } from "@wheelhouse/kube-object";
import { AppliedRecords } from "./applied-records.ts";
import { type AssignmentPlan, type PlannedBundle } from "./assignment-plan.ts";
import { expressionProblem } from "./bundle-expressions.ts";
import { BundleJudge, type JudgeQuestion } from "./bundle-judge.ts";
import { obstacleOf } from "./bundle-obstacle.ts";
import {
  type BundleObstacle,
  type BundleState,
  unknownState,
} from "./bundle-state.ts";
import { CoveredApplier } from "./covered-applier.ts";
import { DependencyView } from "./dependency-view.ts";
import { EarlierArtifacts } from "./earlier-artifacts.ts";
import { EnsuredNamespaces } from "./ensured-namespaces.ts";
import { type HealLimits } from "./heal-limits.ts";
import { redactResults } from "./late-redaction.ts";
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
  readonly #judge: BundleJudge;
  readonly #objects: CoveredApplier;
  readonly #view: DependencyView;
  readonly #namespaces = new EnsuredNamespaces();

  constructor(options: BundlePassOptions) {
    this.#with = options;
    const { records, artifacts } = options.options;
    const earlier = new EarlierArtifacts(artifacts);
    this.#earlier = earlier;
    this.#objects = new CoveredApplier({ ...options, earlier });
    this.#view = new DependencyView({ records, stateOf: options.stateOf });
    this.#judge = new BundleJudge({ ...options, view: this.#view });
    this.#records = new AppliedRecords(options);
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
    const waitsFor = this.#view.waitsFor(input.plan, planned);
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
      return this.#conclude(input, before, { ...nothing, obstacle: refusal });
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
    return this.#conclude(input, before, {
      results,
      waitsFor: "",
      isAppliedNow: isComplete,
      obstacle: obstacleOf(results),
    });
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
      const order = { ...input, artifact: record.artifact };
      results.push(...(await this.#objects.apply(old, order)));
    }
    const obstacle = undefined;
    return this.#conclude(input, before, {
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
    const isToApply = this.#view.isToApply(planned, input.late?.fingerprint);
    if (isToApply) await this.#records.writeAhead(input.plan, planned.assigned);
    const hasFailed = stateOf(spec.name).failures > 0;
    if (!isToApply && !hasFailed) return undefined;
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
    const artifact = input.planned.assigned.spec.artifact?.digest;
    if (artifact === undefined) return [];
    const results = await this.#objects.apply(desired, { ...input, artifact });
    return input.late === undefined
      ? results
      : redactResults(results, input.late);
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
    const state = await this.#conclude(input, before, {
      results: [],
      waitsFor: "",
      isAppliedNow: false,
      obstacle: { reason, message: cut, isFinal },
    });
    return { ...state, held: state.held ?? { reason, message: cut } };
  }

  /** A suspended bundle is looked at, and not touched. */
  #look(input: PassInput, before: BundleState): Promise<BundleState> {
    return this.#conclude(input, before, {
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

  #conclude(
    { plan, planned, late, signal }: PassInput,
    before: BundleState,
    outcome: JudgeQuestion["outcome"],
  ): Promise<BundleState> {
    const question = { plan, planned, late, signal };
    return this.#judge.judge({ ...question, before, outcome });
  }
}
