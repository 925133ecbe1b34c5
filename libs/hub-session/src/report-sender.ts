import { type Clock } from "@wheelhouse/clock";
import { type StatusReport } from "@wheelhouse/protocol";
import { type ReportSnapshot } from "./ports.ts";
import { diffReports } from "./report-difference.ts";

/** The stream that reports go to. */
export interface ReportStream {
  send(report: StatusReport): boolean;
  onceDrained(callback: () => void): void;
}

/** Changes that come closer together than this go in one report. */
export const reportIntervalMs = 25;

/** Sends what changed since the report before, for one session. */
export class ReportSender {
  readonly #stream: ReportStream;
  readonly #read: () => ReportSnapshot;
  readonly #clock: Clock;
  #sent: ReportSnapshot | null = null;
  #counter = 0;
  #sentMs = Number.NEGATIVE_INFINITY;
  #isBlocked = false;
  #isWanted = false;
  #stopTimer: (() => void) | undefined;

  constructor(stream: ReportStream, read: () => ReportSnapshot, clock: Clock) {
    this.#stream = stream;
    this.#read = read;
    this.#clock = clock;
  }

  /** The number of the newest report that was sent. */
  get counter(): number {
    return this.#counter;
  }

  /** Sends all there is, whatever was sent before. */
  sendFull(): void {
    this.#sent = null;
    this.changed();
  }

  /** Sends what changed: at once, or together with what follows soon, or when the hub reads again. */
  changed(): void {
    if (this.#isBlocked) {
      this.#isWanted = true;
      return;
    }
    if (this.#stopTimer !== undefined) return;
    const waitMs = this.#sentMs + reportIntervalMs - this.#clock.monotonicMs();
    if (waitMs <= 0) this.#flush();
    else this.#stopTimer = this.#clock.setTimer(waitMs, () => this.#flush());
  }

  /** Forgets what it would still have sent. */
  close(): void {
    this.#stopTimer?.();
    this.#isBlocked = true;
  }

  #flush(): void {
    this.#stopTimer = undefined;
    if (this.#isBlocked) return;
    const now = this.#read();
    const parts = diffReports(this.#sent, now);
    this.#sent = now;
    if (parts.length === 0) return;
    this.#sentMs = this.#clock.monotonicMs();
    const isRead = parts
      .map((part) => {
        this.#counter += 1;
        const counter = this.#counter;
        return this.#stream.send({ kind: "statusReport", counter, ...part });
      })
      .every((isFlowing) => isFlowing);
    if (!isRead) this.#waitForDrain();
  }

  #waitForDrain(): void {
    this.#isBlocked = true;
    this.#stream.onceDrained(() => {
      this.#isBlocked = false;
      if (!this.#isWanted) return;
      this.#isWanted = false;
      this.changed();
    });
  }
}
