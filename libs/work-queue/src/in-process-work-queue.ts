import {
  type WorkClock,
  type WorkQueue,
  type WorkQueueOptions,
  type WorkResult,
} from "./work-queue.ts";

interface KeyState {
  running: boolean;
  /** Due now, and either waiting for a place or for the run in progress to end. */
  due: boolean;
  attempt: number;
  /** When it will be due, and what takes that back. */
  timer: { readonly atMs: number; readonly cancel: () => void } | null;
}

/** A queue within this process: what it holds is lost with it, and comes back by the next trigger. Memory is bounded by the number of distinct keys. */
export function createInProcessWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new InProcessWorkQueue(options);
}

class InProcessWorkQueue implements WorkQueue {
  readonly #options: Required<WorkQueueOptions>;
  readonly #clock: WorkClock;
  readonly #keys = new Map<string, KeyState>();
  readonly #ready: string[] = [];
  readonly #abort = new AbortController();
  #running = 0;
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.#options = {
      minBackoffMs: 500,
      maxBackoffMs: 60_000,
      random: Math.random,
      ...options,
    };
    this.#clock = this.#options.clock;
  }

  trigger(key: string, options: { readonly afterMs?: number } = {}): void {
    if (this.#closed) return;
    const state = this.#state(key);
    const afterMs = options.afterMs ?? 0;
    if (state.due) return;
    if (afterMs <= 0) {
      this.#makeDue(key, state);
    } else {
      this.#startTimer(key, state, afterMs);
    }
  }

  cancel(key: string): void {
    const state = this.#keys.get(key);
    if (state === undefined) return;
    this.#clearTimer(state);
    state.due = false;
    this.#forgetIfQuiet(key, state);
    this.#wakeIfIdle();
  }

  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#closed = true;
    for (const [key, state] of this.#keys) {
      this.#clearTimer(state);
      state.due = false;
      this.#forgetIfQuiet(key, state);
    }
    const cancelGrace = this.#clock.setTimer(graceMs, () =>
      this.#abort.abort(new Error("the work queue closes")),
    );
    await this.idle();
    cancelGrace();
  }

  #state(key: string): KeyState {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const state: KeyState = {
      running: false,
      due: false,
      attempt: 0,
      timer: null,
    };
    this.#keys.set(key, state);
    return state;
  }

  #makeDue(key: string, state: KeyState): void {
    this.#clearTimer(state);
    state.due = true;
    if (state.running) return;
    this.#ready.push(key);
    this.#fill();
  }

  /** Of two times the earlier one counts. */
  #startTimer(key: string, state: KeyState, afterMs: number): void {
    const atMs = this.#clock.monotonicMs() + afterMs;
    if (state.timer !== null && state.timer.atMs <= atMs) return;
    this.#clearTimer(state);
    const cancel = this.#clock.setTimer(afterMs, () => {
      state.timer = null;
      this.#makeDue(key, state);
    });
    state.timer = { atMs, cancel };
  }

  #clearTimer(state: KeyState): void {
    state.timer?.cancel();
    state.timer = null;
  }

  #fill(): void {
    while (this.#running < this.#options.concurrency) {
      const key = this.#ready.shift();
      if (key === undefined) break;
      const state = this.#keys.get(key);
      if (state?.due === true && !state.running) void this.#run(key, state);
    }
    this.#wakeIfIdle();
  }

  async #run(key: string, state: KeyState): Promise<void> {
    state.due = false;
    state.running = true;
    this.#running += 1;
    const result = await this.#attempt(key, state);
    state.running = false;
    this.#running -= 1;
    if (!this.#closed) this.#followUp(key, state, result);
    this.#forgetIfQuiet(key, state);
    this.#fill();
  }

  async #attempt(key: string, state: KeyState): Promise<WorkResult> {
    const { signal } = this.#abort;
    try {
      const result = await this.#options.work(key, {
        signal,
        attempt: state.attempt,
      });
      state.attempt = 0;
      return result;
    } catch (error) {
      const afterMs = this.#backoffMs(state.attempt);
      state.attempt += 1;
      if (!signal.aborted) this.#options.onError(key, error, afterMs);
      return { kind: "requeueAfter", afterMs, why: "it failed" };
    }
  }

  #followUp(key: string, state: KeyState, result: WorkResult): void {
    if (state.due) {
      this.#ready.push(key);
    } else if (result.kind === "requeueAfter") {
      this.trigger(key, { afterMs: Math.max(1, result.afterMs) });
    }
  }

  #backoffMs(attempt: number): number {
    const { minBackoffMs, maxBackoffMs, random } = this.#options;
    const whole = Math.min(maxBackoffMs, minBackoffMs * 2 ** attempt);
    return Math.round(whole * (0.5 + random() / 2));
  }

  #forgetIfQuiet(key: string, state: KeyState): void {
    const quiet = !state.running && !state.due && state.timer === null;
    if (quiet) this.#keys.delete(key);
  }

  #isIdle(): boolean {
    return (
      this.#running === 0 && ![...this.#keys.values()].some(({ due }) => due)
    );
  }

  #wakeIfIdle(): void {
    if (this.#waiters.length === 0 || !this.#isIdle()) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    waiters.forEach((wake) => wake());
  }
}
