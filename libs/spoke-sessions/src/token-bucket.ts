/** A rate: so many per second over time, and so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Counts what passes, and says how long the next has to wait. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledMs = nowMs;
  }

  /** Takes one, and returns the milliseconds until it was due: 0 within the rate. */
  take(nowMs: number): number {
    const { perSecond, burst } = this.#rate;
    const gained = ((nowMs - this.#filledMs) * perSecond) / 1000;
    this.#tokens = Math.min(burst, this.#tokens + gained) - 1;
    this.#filledMs = nowMs;
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / perSecond;
  }
}
