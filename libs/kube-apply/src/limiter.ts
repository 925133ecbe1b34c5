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

  /** Calls back once, as soon as nothing runs and nothing waits: at once where that is so. The returned function cancels it. */
  onceCalm(callback: () => void): () => void {
    if (this.#free === this.#maxAtOnce) {
      callback();
      return () => undefined;
    }
    this.#untilCalm.add(callback);
    return () => this.#untilCalm.delete(callback);
  }

  #leave(): void {
    this.#free += 1;
    if (this.#free < this.#maxAtOnce) return;
    for (const callback of [...this.#untilCalm]) {
      this.#untilCalm.delete(callback);
      callback();
    }
  }
}
