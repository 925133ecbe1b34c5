import { type BundleName } from "@wheelhouse/assignment";
import { type DriftLedger } from "@wheelhouse/drift";
import { type BundleReport } from "@wheelhouse/protocol";
import { type AssignmentPlan, type PlannedBundle } from "./assignment-plan.ts";
import { type BundleState, unknownState } from "./bundle-state.ts";
import { DriftJournal } from "./drift-journal.ts";
import { healthBasisOf } from "./health-basis.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";
import { ReportBoard } from "./report-board.ts";

/** What is known of each bundle in this process: its state, its report, and its drift. */
export class BundleBook {
  readonly #states = new Map<BundleName, BundleState>();
  readonly #board: ReportBoard;
  readonly #journal: DriftJournal;
  readonly #records: ReconcilerOptions["records"];

  constructor(options: ReconcilerOptions) {
    this.#records = options.records;
    this.#board = new ReportBoard(options);
    this.#journal = new DriftJournal(options);
  }

  /** Drifts by field, newest first. */
  get drift(): DriftLedger {
    return this.#journal.ledger;
  }

  /** The state of a bundle, which is unknown until its first pass. */
  stateOf(name: BundleName): BundleState {
    return this.#states.get(name) ?? unknownState;
  }

  /** The reports of these bundles; one that was not looked at yet has none. */
  reportsOf(names: Iterable<BundleName>): readonly BundleReport[] {
    return [...names].flatMap((name) => this.#board.get(name) ?? []);
  }

  /** Takes note of what a pass came to, and tells whoever has to know. */
  record(planned: PlannedBundle, state: BundleState): void {
    const { name } = planned.assigned.spec;
    this.#states.set(name, state);
    this.#journal.record(name, state);
    this.#board.update(planned, state, this.#journal);
  }

  /** Forgets the bundles that an assignment does not have, and gives their names. Of one whose digest is new, nothing that was good counts any more; one that was judged of what is not so any more is to be judged again. */
  takeUp(plan: AssignmentPlan): ReadonlySet<BundleName> {
    const known = [...this.#board.names(), ...this.#states.keys()];
    const gone = new Set(known.filter((name) => !plan.bundles.has(name)));
    for (const name of gone) {
      this.#board.drop(name);
      this.#journal.forget(name);
      this.#states.delete(name);
    }
    for (const [name, planned] of plan.bundles) {
      if (this.#board.expect(planned)) this.#beginAnew(name);
      else if (this.#isOutdated(plan, name)) this.#unsettle(name);
    }
    return gone;
  }

  /** Whether what was judged last is not what is there: it, or a bundle that it checks, has become another since. */
  #isOutdated(plan: AssignmentPlan, name: BundleName): boolean {
    const { health } = this.stateOf(name);
    return (
      health !== undefined &&
      health.basis !== healthBasisOf(plan, name, this.#records)
    );
  }

  #unsettle(name: BundleName): void {
    this.#states.set(name, { ...this.stateOf(name), isAppliedNow: false });
  }

  #beginAnew(name: BundleName): void {
    this.#states.set(name, {
      ...this.stateOf(name),
      isAppliedNow: false,
      // What was green was the digest before; its time to become Ready begins anew.
      health: undefined,
      obstacle: undefined,
      notReadySinceMs: undefined,
      failures: 0,
    });
  }
}
