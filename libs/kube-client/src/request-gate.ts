import { type Clock } from "@wheelhouse/clock";

/** What waits for a place: writes go before reads. */
export type RequestKind = "write" | "read";

interface Waiting {
  readonly start: () => void;
}

/** At most this many requests are in flight, unless told otherwise. */
export const defaultConcurrency = 20;

/**
 * Bounds the requests in flight. A 429 halves the bound and holds everything
 * back for as long as the server asked; each answer after that widens it by a
 * little, up to the full bound again.
 */
export class RequestGate {
  readonly #clock: Clock;
  readonly #most: number;
  #bound: number;
  #inFlight = 0;
  #closedUntil = 0;
  #isWaking = false;
  readonly #queues: Record<RequestKind, Waiting[]> = { write: [], read: [] };

  constructor(clock: Clock, most = defaultConcurrency) {
    this.#clock = clock;
    this.#most = most;
    this.#bound = most;
  }

  /** Runs a request when there is a place for it. Rejects with the signal's reason where it is aborted while waiting. */
  async run<T>(
    kind: RequestKind,
    signal: AbortSignal | undefined,
    request: () => Promise<T>,
  ): Promise<T> {
    await this.#enter(kind, signal);
    try {
      return await request();
    } finally {
      this.#inFlight -= 1;
      this.#admit();
    }
  }

  /** The server answered and was not throttling. */
  widen(): void {
    this.#bound = Math.min(this.#most, this.#bound + 1 / this.#bound);
  }

  /** The server throttled: fewer at once, and none for so many milliseconds. */
  narrow(holdMs: number): void {
    this.#bound = Math.max(1, this.#bound / 2);
    this.#closedUntil = Math.max(
      this.#closedUntil,
      this.#clock.monotonicMs() + holdMs,
    );
  }

  /** How many requests may be in flight now. */
  get bound(): number {
    return Math.floor(this.#bound);
  }

  #enter(kind: RequestKind, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const queue = this.#queues[kind];
      const onAbort = (): void => {
        queue.splice(queue.indexOf(waiting), 1);
        reject(signal?.reason as Error);
      };
      const waiting: Waiting = {
        start: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      queue.push(waiting);
      this.#admit();
    });
  }

  #admit(): void {
    const holdMs = this.#closedUntil - this.#clock.monotonicMs();
    if (holdMs > 0) {
      this.#wakeAfter(holdMs);
      return;
    }
    while (this.#inFlight < this.bound) {
      const next = this.#queues.write.shift() ?? this.#queues.read.shift();
      if (next === undefined) return;
      this.#inFlight += 1;
      next.start();
    }
  }

  #wakeAfter(ms: number): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    this.#clock.setTimer(ms, () => {
      this.#isWaking = false;
      this.#admit();
    });
  }
}
