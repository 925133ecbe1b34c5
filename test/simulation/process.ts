import { type Clock } from "@wheelhouse/clock";
import { type VirtualTime } from "./virtual-time.ts";

/** A program of the fleet: it can be stopped still, and it can die. What it would have done while it stood still it does when it goes on. */
export class Process {
  readonly time: VirtualTime;
  readonly clock: Clock;
  #isAlive = true;
  #waiting: (() => void)[] | null = null;

  constructor(time: VirtualTime, skewMs = 0) {
    this.time = time;
    const startMs = time.nowMs;
    this.clock = {
      nowMs: () => wallMs + time.nowMs + skewMs,
      monotonicMs: () => 1_000 + time.nowMs - startMs,
      setTimer: (delayMs, callback) => this.later(delayMs, callback),
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isHung(): boolean {
    return this.#waiting !== null;
  }

  /** Does it now, or when it goes on, or never. */
  act(work: () => void): void {
    if (!this.#isAlive) return;
    if (this.#waiting === null) work();
    else this.#waiting.push(work);
  }

  /** Does it after a delay; returns how to stop it. */
  later(delayMs: number, work: () => void): () => void {
    let isStopped = false;
    const stop = this.time.after(delayMs, () =>
      this.act(() => {
        if (!isStopped) work();
      }),
    );
    return () => {
      isStopped = true;
      stop();
    };
  }

  kill(): void {
    this.#isAlive = false;
    this.#waiting = null;
  }

  hang(): void {
    this.#waiting ??= [];
  }

  wake(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const work of waiting) this.act(work);
  }
}

/** The wall's time at which every simulation begins. */
const wallMs = Date.parse("2030-01-01T00:00:00Z");
