import { type Clock } from "@wheelhouse/clock";

const windowMs = 60_000;
const perAddress = 10;
const overAll = 100;
const maxAddresses = 10_000;

/** Bounds failed logins by address and over all, a minute at a time. Beyond 10,000 addresses in one minute only the bound over all counts. */
export class LoginLimit {
  readonly #clock: Clock;
  #windowStartMs = 0;
  #all = 0;
  #byAddress = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds to wait before another try; 0 where one is free. */
  waitMs(address: string): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#windowStartMs >= windowMs) this.#restart(nowMs);
    const isFull =
      (this.#byAddress.get(address) ?? 0) >= perAddress || this.#all >= overAll;
    return isFull ? this.#windowStartMs + windowMs - nowMs : 0;
  }

  failed(address: string): void {
    this.#all += 1;
    const isRoom =
      this.#byAddress.size < maxAddresses || this.#byAddress.has(address);
    if (!isRoom) return;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
  }

  #restart(nowMs: number): void {
    this.#windowStartMs = nowMs;
    this.#all = 0;
    this.#byAddress = new Map();
  }
}
