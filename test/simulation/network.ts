import { type Process } from "./process.ts";
import { type Random } from "./random.ts";
import { type VirtualTime } from "./virtual-time.ts";

/** How the network treats messages of one cluster. */
export interface Weather {
  /** Until when nothing passes to the hub, and to the spoke. */
  cutToHubMs: number;
  cutToSpokeMs: number;
}

/** Chances by message, while faults last. */
export interface MessageFaults {
  readonly drop: number;
  readonly duplicate: number;
  readonly reorder: number;
  /** Longest delay of a slow message. */
  readonly slowMs: number;
}

export const noMessageFaults: MessageFaults = {
  ...{ drop: 0, duplicate: 0, reorder: 0, slowMs: 0 },
};

/** One end of a connection. */
export interface End {
  readonly process: Process;
  /** A message has come. */
  receive(message: unknown): void;
  /** The other end is gone. */
  ended(): void;
}

/**
 * A connection between a spoke and a hub. A stream keeps its order, and what
 * is cut off arrives late or never; the unruly faults break even that, since
 * the protocol ought to bear it.
 */
export class Wire {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #faults: () => MessageFaults;
  readonly #lastMs = { hub: 0, spoke: 0 };
  readonly #isOpen = { hub: true, spoke: true };
  #ends: { hub: End; spoke: End } | undefined;

  constructor(options: {
    time: VirtualTime;
    random: Random;
    weather: Weather;
    faults: () => MessageFaults;
  }) {
    this.#time = options.time;
    this.#random = options.random;
    this.#weather = options.weather;
    this.#faults = options.faults;
  }

  join(ends: { hub: End; spoke: End }): void {
    this.#ends = ends;
  }

  isOpen(side: "hub" | "spoke"): boolean {
    return this.#isOpen[side];
  }

  send(to: "hub" | "spoke", message: unknown): void {
    if (!this.#isOpen[to === "hub" ? "spoke" : "hub"]) return;
    const { drop, duplicate, reorder } = this.#faults();
    if (drop > 0 && this.#random.chance(drop)) return;
    this.#carry(to, message, reorder > 0 && this.#random.chance(reorder));
    if (duplicate > 0 && this.#random.chance(duplicate)) {
      this.#carry(to, message, true);
    }
  }

  /** One end lets go. The other hears of it, if the network lets it. */
  close(side: "hub" | "spoke"): void {
    if (!this.#isOpen[side]) return;
    this.#isOpen[side] = false;
    const other = side === "hub" ? "spoke" : "hub";
    this.#arrive(other, this.#delayMs(), () => {
      if (!this.#isOpen[other]) return;
      this.#isOpen[other] = false;
      this.#ends?.[other].ended();
    });
  }

  #carry(to: "hub" | "spoke", message: unknown, isUnruly: boolean): void {
    const atMs = this.#time.nowMs + this.#delayMs();
    const late = isUnruly ? this.#random.whole(1, 8_000) : 0;
    const inOrder = Math.max(atMs, this.#lastMs[to]);
    if (!isUnruly) this.#lastMs[to] = inOrder;
    this.#arrive(to, inOrder + late - this.#time.nowMs, () => {
      if (this.#isOpen[to]) this.#ends?.[to].receive(message);
    });
  }

  #arrive(to: "hub" | "spoke", delayMs: number, act: () => void): void {
    this.#time.after(delayMs, () => {
      const cutMs =
        to === "hub" ? this.#weather.cutToHubMs : this.#weather.cutToSpokeMs;
      if (cutMs > this.#time.nowMs) {
        // Sent again once the way is free, in the order of before.
        this.#arrive(to, cutMs - this.#time.nowMs, act);
        return;
      }
      this.#ends?.[to].process.act(act);
    });
  }

  #delayMs(): number {
    const { slowMs } = this.#faults();
    const isSlow = slowMs > 0 && this.#random.chance(0.1);
    return (
      this.#random.whole(2, 60) + (isSlow ? this.#random.whole(0, slowMs) : 0)
    );
  }
}
