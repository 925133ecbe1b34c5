import { setMaxListeners } from "node:events";
import { type Clock } from "@wheelhouse/clock";
import { backoffAfter } from "@wheelhouse/kube-apply";

/** How a pass over one key ended; a throw is a failure that is tried again with backoff. */
export type PassResult =
  | { readonly kind: "settled" }
  | {
      readonly kind: "requeueAfter";
      readonly delayMs: number;
      readonly why: string;
    };

/** What a loop runs, and how. */
export interface KeyedLoopOptions {
  readonly clock: Clock;
  /** Passes at once; never two of one key. */
  readonly concurrency: number;
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<PassResult>;
  /** Called for a throw, which is a failure outside of what a pass expects. */
  readonly onError: (key: string, error: unknown) => void;
}

/** The longest delay after a pass that threw. */
const maxBackoffMs = 30_000;

/** A timer keeps no longer delay than this, about 24 days; a pass that is early does no harm. */
const maxDelayMs = 2 ** 31 - 1;

/**
 * Runs passes over keys, level-triggered: a key that is added while it waits
 * counts once, and one that is added while it runs is run once more after.
 * Triggers carry nothing, so none that is merged or repeated does harm.
 */
export class KeyedLoop {
  readonly #options: KeyedLoopOptions;
  readonly #queue = new Set<string>();
  readonly #running = new Set<string>();
  readonly #timers = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #abort = new AbortController();
  #idle: (() => void)[] = [];

  constructor(options: KeyedLoopOptions) {
    this.#options = options;
    // Every request of every pass listens to the one signal; the limiter bounds them.
    setMaxListeners(0, this.#abort.signal);
  }

  /** Runs a key as soon as there is room. */
  add(key: string): void {
    if (this.#abort.signal.aborted) return;
    this.#cancelTimer(key);
    this.#queue.add(key);
    this.#fill();
  }

  /** Runs a key after a delay, or earlier where an earlier time is set already. */
  addAfter(key: string, delayMs: number): void {
    if (this.#abort.signal.aborted) return;
    const boundMs = Math.min(delayMs, maxDelayMs);
    const at = this.#options.clock.monotonicMs() + boundMs;
    const known = this.#timers.get(key);
    if (known !== undefined && known.at <= at) return;
    this.#cancelTimer(key);
    const cancel = this.#options.clock.setTimer(boundMs, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { at, cancel });
  }

  /** Forgets a key that is no longer there. */
  drop(key: string): void {
    this.#cancelTimer(key);
    this.#queue.delete(key);
    this.#failures.delete(key);
  }

  /** Starts nothing more, and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#abort.abort();
    for (const key of [...this.#timers.keys()]) this.#cancelTimer(key);
    this.#queue.clear();
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Whether nothing runs and nothing waits for room; timers do not count. */
  get isIdle(): boolean {
    return this.#queue.size === 0 && this.#running.size === 0;
  }

  #fill(): void {
    for (const key of this.#queue) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      this.#queue.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    try {
      const result = await this.#options.reconcile(key, this.#abort.signal);
      this.#failures.delete(key);
      if (result.kind === "requeueAfter") this.addAfter(key, result.delayMs);
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#afterError(key, error);
    } finally {
      this.#running.delete(key);
      if (this.#running.size === 0) {
        for (const resolve of this.#idle.splice(0)) resolve();
      }
      this.#fill();
    }
  }

  #afterError(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#options.onError(key, error);
    this.addAfter(key, backoffAfter(failures, maxBackoffMs));
  }

  #cancelTimer(key: string): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }
}
