/** How many calls run under each key. */
export class KeyedSlots {
  readonly #running = new Map<string, number>();
  readonly #perKey: number;

  constructor(perKey: number) {
    this.#perKey = perKey;
  }

  /** Takes a slot; the result gives it back. Undefined where none is free. */
  take(key: string): (() => void) | undefined {
    const running = this.#running.get(key) ?? 0;
    if (running >= this.#perKey) return undefined;
    this.#running.set(key, running + 1);
    return () => {
      const left = (this.#running.get(key) ?? 1) - 1;
      if (left === 0) this.#running.delete(key);
      else this.#running.set(key, left);
    };
  }
}
