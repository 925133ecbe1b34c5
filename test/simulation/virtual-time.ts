/** Something that happens at a moment. */
interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
  isStopped: boolean;
}

/** Time that passes from event to event. Of events at one moment the one that was asked for first comes first. */
export class VirtualTime {
  nowMs = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Lets something happen after a delay; returns how to stop it. */
  after(delayMs: number, act: () => void): () => void {
    const atMs = this.nowMs + Math.max(0, delayMs);
    const entry = { atMs, order: this.#order++, act, isStopped: false };
    this.#push(entry);
    return () => {
      entry.isStopped = true;
    };
  }

  /** Takes the next event out and moves time on to it; undefined where there is none, or it lies beyond. */
  next(untilMs: number): (() => void) | undefined {
    for (;;) {
      const [first] = this.#heap;
      if (first === undefined || first.atMs > untilMs) return undefined;
      this.#pop();
      if (first.isStopped) continue;
      this.nowMs = first.atMs;
      return first.act;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
