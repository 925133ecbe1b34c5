import { type Clock } from "@wheelhouse/clock";
import { type StatusReport, protocolLimits } from "@wheelhouse/protocol";
import { type ReportedState } from "./ports.ts";
import { maxBundleLength } from "./report-bound.ts";
import { type ReportLedger, emptyLedger, mergeReport } from "./report-merge.ts";

const tooMuch = {
  tooMany: `more than ${protocolLimits.bundles} bundles`,
  tooLong: `bundles of more than ${maxBundleLength} characters, even without their notes`,
};

/** What an intake tells its session. */
export interface ReportIntakeOptions {
  readonly clock: Clock;
  /** The first change is told at once, those that follow within this time together. */
  readonly intervalMs: number;
  /** The merged state has changed. */
  onChanged(state: ReportedState): void;
  /** A report is missing: ask for a full one. */
  onGap(): void;
  /** The spoke reports more than may be; the words say of what. */
  onTooMuch(details: string): void;
}

/** Takes one session's reports in order, and tells of the merged state no more often than it should. */
export class ReportIntake {
  readonly #options: ReportIntakeOptions;
  #ledger: ReportLedger = emptyLedger;
  #hasAsked = false;
  #toldMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(options: ReportIntakeOptions) {
    this.#options = options;
  }

  /** All that was reported so far. */
  get state(): ReportedState {
    return this.#ledger.state;
  }

  /** Takes a report. */
  take(report: StatusReport): void {
    const result = mergeReport(this.#ledger, report);
    switch (result.kind) {
      case "repeated":
        return;
      case "tooMany":
      case "tooLong":
        this.#options.onTooMuch(tooMuch[result.kind]);
        return;
      case "gap":
        if (!this.#hasAsked) this.#ask();
        return;
      case "merged":
        this.#ledger = result.ledger;
        if (report.full) this.#hasAsked = false;
        this.#tell();
    }
  }

  /** Compares with the newest report that a heartbeat says was sent, and asks again for what got lost. */
  check(reportCounter: number): void {
    if (reportCounter > this.#ledger.counter) this.#ask();
  }

  /** Forgets what it would still have told. */
  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #ask(): void {
    this.#hasAsked = true;
    this.#options.onGap();
  }

  #tell(): void {
    if (this.#cancelTimer !== undefined) return;
    const { clock, intervalMs, onChanged } = this.#options;
    const waitMs = this.#toldMs + intervalMs - clock.monotonicMs();
    const tell = () => {
      this.#cancelTimer = undefined;
      this.#toldMs = clock.monotonicMs();
      onChanged(this.state);
    };
    if (waitMs <= 0) tell();
    else this.#cancelTimer = clock.setTimer(waitMs, tell);
  }
}
