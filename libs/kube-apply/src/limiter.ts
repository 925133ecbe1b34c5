import { type Clock } from "@wheelhouse/clock";

/** Lets at most so many tasks run at once; the others wait in order. */
export class Limiter {
  readonly #waiting: (() => void)[] = [];
  readonly #untilCalm = new Set<() => void>();
  readonly #maxAtOnce: number;
  #free: number;

  constructor(maxAtOnce: number) {
    this.#maxAtOnce = maxAtOnce;
    this.#free = maxAtOnce;
  }

  /** Runs a task when there is room, and gives its outcome. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#leave();
      else next();
    }
  }

  /** Resolves as soon as nothing runs and nothing waits, or after so many milliseconds. */
  whenCalm(clock: Clock, mostMs: number): Promise<void> {
    if (this.#free === this.#maxAtOnce) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancelTimer();
        this.#untilCalm.delete(done);
        resolve();
      };
      const cancelTimer = clock.setTimer(mostMs, done);
      this.#untilCalm.add(done);
    });
  }

  #leave(): void {
    this.#free += 1;
    if (this.#free < this.#maxAtOnce) return;
    for (const done of [...this.#untilCalm]) done();
  }
}
