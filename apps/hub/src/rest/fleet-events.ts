import { type Clock } from "@wheelhouse/clock";
import { type FleetView } from "@wheelhouse/rest-api";

/** Somebody who watches the fleet. */
export interface FleetWatcher {
  send(json: string): void;
  /** Called from time to time: whether it may still watch. */
  isWelcome(): Promise<boolean>;
  /** Ends it. */
  close(): void;
}

/** At most four a second. */
const coalesceMs = 250;
/** What belongs to one change comes within this time, and is sent together. */
const settleMs = 10;
/** Ages turn into verdicts by themselves: looked at this often while somebody watches. */
const refreshMs = 5_000;
/** More watchers than this are refused. */
export const maxWatchers = 200;

/** Sends the fleet's view to all who watch, whenever it has changed; makes none while nobody does. */
export class FleetEvents {
  readonly #view: () => Promise<FleetView>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #watchers = new Set<FleetWatcher>();
  #cancelTimer: (() => void) | null = null;
  #cancelRefresh: (() => void) | null = null;
  #last = "";
  #sentMs = -Infinity;

  constructor(options: {
    readonly view: () => Promise<FleetView>;
    readonly clock: Clock;
    readonly onError: (error: unknown) => void;
  }) {
    this.#view = options.view;
    this.#clock = options.clock;
    this.#onError = options.onError;
  }

  /** Adds one, which gets the view at once; false where there are too many. */
  async watch(watcher: FleetWatcher): Promise<boolean> {
    if (this.#watchers.size >= maxWatchers) return false;
    this.#watchers.add(watcher);
    watcher.send(JSON.stringify(await this.#view()));
    this.#refresh();
    return true;
  }

  unwatch(watcher: FleetWatcher): void {
    this.#watchers.delete(watcher);
  }

  /** Something has changed: told at once after a quiet time, and else as soon as the bound allows. */
  changed(): void {
    if (this.#watchers.size === 0 || this.#cancelTimer !== null) return;
    const nextMs = this.#sentMs + coalesceMs - this.#clock.monotonicMs();
    this.#cancelTimer = this.#clock.setTimer(Math.max(settleMs, nextMs), () => {
      this.#cancelTimer = null;
      this.#sentMs = this.#clock.monotonicMs();
      this.#send().catch(this.#onError);
    });
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelRefresh?.();
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers.clear();
  }

  async #send(): Promise<void> {
    const view = await this.#view();
    const comparable = JSON.stringify({ ...view, now: "" });
    if (comparable === this.#last) return;
    this.#last = comparable;
    const json = JSON.stringify(view);
    for (const watcher of this.#watchers) watcher.send(json);
  }

  #refresh(): void {
    if (this.#cancelRefresh !== null) return;
    this.#cancelRefresh = this.#clock.setTimer(refreshMs, () => {
      this.#cancelRefresh = null;
      if (this.#watchers.size === 0) return;
      this.changed();
      this.#dismiss().catch(this.#onError);
      this.#refresh();
    });
  }

  /** A credential that was taken back ends its streams. */
  async #dismiss(): Promise<void> {
    for (const watcher of [...this.#watchers]) {
      if (await watcher.isWelcome()) continue;
      this.#watchers.delete(watcher);
      watcher.close();
    }
  }
}
