import { type Clock } from "@wheelhouse/clock";

/** What one run of a key came to; a throw means: again, after a backoff. */
export type WorkResult =
  | { readonly kind: "settled" }
  | {
      readonly kind: "requeueAfter";
      /** At least 0; a trigger that comes earlier runs the key earlier. */
      readonly afterMs: number;
      readonly why: string;
    };

/** What a run is told. */
export interface WorkContext {
  /** Aborted when the queue closes and its grace is over. */
  readonly signal: AbortSignal;
  /** 0 for a first try, then 1, 2 … after each throw without a success between. */
  readonly attempt: number;
}

/** Does the work of one key: reads all that it needs, and may be run again at any time without harm. */
export type Work = (key: string, context: WorkContext) => Promise<WorkResult>;

/**
 * Work by key. A key runs at most once at a time; triggers carry nothing and
 * merge; one that comes during a run is not lost: the key runs once more.
 */
export interface WorkQueue {
  /** Asks for a run of the key; with `afterMs`, that long from now at the latest: of several triggers the earliest counts. Ignored after `close`. */
  trigger(key: string, options?: { readonly afterMs?: number }): void;
  /** Forgets a waiting key; a run in progress ends by itself. */
  cancel(key: string): void;
  /** Resolves when nothing runs and nothing is due now; keys that wait for a time are not waited for. */
  idle(): Promise<void>;
  /** Takes no more triggers, waits for what runs, and aborts it after `graceMs`. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

/** Time as a queue needs it: durations only. */
export type WorkClock = Pick<Clock, "monotonicMs" | "setTimer">;

/** Bounds of a queue. */
export interface WorkQueueOptions {
  readonly work: Work;
  /** How many keys run at once, at least 1. */
  readonly concurrency: number;
  /** Told of every throw, with the wait that follows. */
  readonly onError: (key: string, error: unknown, retryAfterMs: number) => void;
  /** First wait after a throw, doubled with each further one up to `maxBackoffMs`; defaults 500 and 60,000. */
  readonly minBackoffMs?: number;
  readonly maxBackoffMs?: number;
  readonly clock: WorkClock;
  /** Uniform in [0, 1): spreads retries over the upper half of the wait. */
  readonly random?: () => number;
}
