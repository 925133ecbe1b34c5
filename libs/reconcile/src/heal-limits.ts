/** An object that was healed more often than this within a minute is left alone until the minute is over. */
export const maxHealsPerMinute = 5;

const windowMs = 60_000;

/** Counts how often each object was healed lately, so that a fight with another controller stays bounded. */
export class HealLimits {
  readonly #heals = new Map<string, readonly number[]>();

  /** Whether an object may be healed now. */
  mayHeal(key: string, now: number): boolean {
    return this.#recent(key, now).length < maxHealsPerMinute;
  }

  /** Remembers that an object was healed. */
  record(key: string, now: number): void {
    this.#heals.set(key, [...this.#recent(key, now), now]);
  }

  /** Milliseconds until an object may be healed again; 0 where it may be now. */
  waitMs(key: string, now: number): number {
    const recent = this.#recent(key, now);
    const oldest = recent.at(-maxHealsPerMinute);
    return oldest === undefined ? 0 : Math.max(0, oldest + windowMs - now);
  }

  /** Forgets the objects that are nobody's any more. */
  keepOnly(isOwned: (key: string) => boolean): void {
    for (const key of [...this.#heals.keys()]) {
      if (!isOwned(key)) this.#heals.delete(key);
    }
  }

  #recent(key: string, now: number): readonly number[] {
    const recent = (this.#heals.get(key) ?? []).filter(
      (at) => now - at < windowMs,
    );
    if (recent.length === 0) this.#heals.delete(key);
    return recent;
  }
}
