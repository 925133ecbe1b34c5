import { type systemClock } from "@wheelhouse/system-clock";

/** The timers of a clock. */
type Timers = Pick<typeof systemClock, "setTimer">;

/** Work counts as done when nothing was touched for so long. */
export const restMs = 5_000;

/** Gives memory back once, after work is done: V8 keeps it until it needs room, which at rest it never does. */
export class MemoryRelease {
  readonly #clock: Timers;
  readonly #collect: () => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Timers, collect: () => void) {
    this.#clock = clock;
    this.#collect = collect;
  }

  /** Something was worked on. */
  touch(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.setTimer(restMs, this.#collect);
  }
}
