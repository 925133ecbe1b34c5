import { type AssignmentPlan, type PlannedBundle } from "./assignment-plan.ts";
import { type BundleState, type LateFacts } from "./bundle-state.ts";
import { type DependencyView } from "./dependency-view.ts";
import { HealthReader, type HealthReaderOptions } from "./health-reader.ts";
import { redactHealth } from "./late-redaction.ts";
import { type FinishedTemplate } from "./late-values.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** What a bundle is judged with. */
export interface BundleJudgeOptions extends HealthReaderOptions {
  readonly options: Pick<ReconcilerOptions, "clock" | "port" | "records">;
  readonly view: DependencyView;
}

/** What is judged at the end of a pass. */
export interface JudgeQuestion {
  readonly plan: AssignmentPlan;
  readonly planned: PlannedBundle;
  /** The state before the pass. */
  readonly before: BundleState;
  /** What the pass did. */
  readonly outcome: Pick<
    BundleState,
    "results" | "waitsFor" | "isAppliedNow" | "obstacle"
  >;
  readonly late: FinishedTemplate | undefined;
  readonly signal: AbortSignal;
}

/** Gives the state that a bundle is in at the end of a pass: its health, of what is applied now, and the time that it has had. */
export class BundleJudge {
  readonly #with: BundleJudgeOptions;
  readonly #health: HealthReader;

  constructor(options: BundleJudgeOptions) {
    this.#with = options;
    this.#health = new HealthReader(options);
  }

  async judge(question: JudgeQuestion): Promise<BundleState> {
    const { plan, planned, before, outcome, late, signal } = question;
    const { view, options } = this.#with;
    const { name, held } = planned.assigned.spec;
    const now = options.clock.monotonicMs();
    const found = await this.#health.read({
      ...{ planned, signal, results: outcome.results },
      basis: view.basisOf(plan, name),
      bundleState: (other) => view.stateOf(plan, other),
    });
    const isLate = planned.template !== undefined;
    const health = isLate ? redactHealth(found, late) : found;
    const isSettled = health.isReady && outcome.obstacle === undefined;
    return {
      ...{ ...outcome, health, held },
      ...(late === undefined ? {} : { late: factsOf(late) }),
      notReadySinceMs:
        isSettled || outcome.waitsFor !== ""
          ? undefined
          : (before.notReadySinceMs ?? this.#startOf(before, planned) ?? now),
      failures: outcome.obstacle === undefined ? 0 : before.failures + 1,
    };
  }

  /** After a restart the time to become Ready goes on from when the digest was applied; what breaks later has all its time again. */
  #startOf(
    before: BundleState,
    { assigned }: PlannedBundle,
  ): number | undefined {
    if (before.health !== undefined) return undefined;
    const { clock, records } = this.#with.options;
    const record = records.get(assigned.spec.name);
    if (record?.applied !== assigned.digest) return undefined;
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
