import { type BundleName } from "@wheelhouse/assignment";
import { formatTime } from "@wheelhouse/kube-apply";
import { type BundleReport } from "@wheelhouse/protocol";
import { type PlannedBundle } from "./assignment-plan.ts";
import { reportBundle } from "./bundle-report.ts";
import { type BundleState } from "./bundle-state.ts";
import { type DriftJournal } from "./drift-journal.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** What is reported of each bundle, and who is told when that changes. */
export class ReportBoard {
  readonly #options: Pick<
    ReconcilerOptions,
    "clock" | "log" | "emit" | "reportChanged" | "records"
  >;
  readonly #reports = new Map<BundleName, BundleReport>();

  constructor(
    options: Pick<
      ReconcilerOptions,
      "clock" | "log" | "emit" | "reportChanged" | "records"
    >,
  ) {
    this.#options = options;
  }

  /** The report of a bundle that was looked at. */
  get(name: BundleName): BundleReport | undefined {
    return this.#reports.get(name);
  }

  /** The names of all bundles that were reported. */
  names(): readonly BundleName[] {
    return [...this.#reports.keys()];
  }

  /** Forgets a bundle that is no longer there. */
  drop(name: BundleName): void {
    this.#reports.delete(name);
  }

  /** A bundle has a new digest, which was neither applied nor refused yet: what failed under the one before must not count against it. False where nothing is known of it or nothing is new. */
  expect({ assigned }: PlannedBundle): boolean {
    const { spec, digest } = assigned;
    const report = this.#reports.get(spec.name);
    if (report === undefined || report.digest === digest) return false;
    this.#reports.set(spec.name, {
      ...report,
      digest,
      ready: false,
      failed: false,
      message: "not applied yet",
      since: formatTime(this.#options.clock.nowMs()),
    });
    return true;
  }

  /** Reports a bundle as it stands; nobody is told where nothing changed. */
  update(
    planned: PlannedBundle,
    state: BundleState,
    journal: Pick<DriftJournal, "ledger" | "sinceMs">,
  ): void {
    const { name } = planned.assigned.spec;
    const before = this.#reports.get(name);
    const report = reportBundle({
      planned,
      before,
      record: this.#options.records.get(name),
      state,
      ledger: journal.ledger,
      nowMs: this.#options.clock.nowMs(),
      monotonicMs: this.#options.clock.monotonicMs(),
      driftSinceMs: (drift) => journal.sinceMs(drift),
    });
    if (report === before) return;
    this.#reports.set(name, report);
    this.#tell(before, report);
    this.#options.reportChanged();
  }

  #tell(before: BundleReport | undefined, report: BundleReport): void {
    const { bundle, message } = report;
    const isApplied = report.applied === report.digest;
    const wasApplied = before === undefined || before.applied === before.digest;
    if (
      before !== undefined &&
      isApplied &&
      before.applied !== report.applied
    ) {
      const event = { kind: "Normal", reason: "Applied", bundle } as const;
      this.#options.emit({ ...event, message: `applied ${report.digest}` });
      this.#options.log("info", "bundle applied", { bundle });
    }
    if (before?.ready !== true && report.ready && !wasApplied) {
      this.#options.log("info", "bundle ready", { bundle });
    }
    if (report.failed && before?.failed !== true) {
      this.#options.emit({
        kind: "Warning",
        reason: "Failed",
        bundle,
        message,
      });
      this.#options.log("warn", "bundle failed", { bundle, why: message });
    }
    if (report.held !== null && before?.held?.message !== report.held.message) {
      this.#options.emit({ kind: "Warning", reason: "Held", bundle, message });
    }
  }
}
