/** The beginning of what comes in, in memory of its own: what is over the bound is let go at once, and so is the memory that it came in. */
export class BoundedText {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  /** Keeps at most so many bytes. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many bytes of memory it holds, whatever it took. */
  get heldBytes(): number {
    const held = new Set(this.#chunks.map(({ buffer }) => buffer));
    return [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** What was kept, as UTF-8. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  take(chunk: Uint8Array): void {
    const room = this.#maxBytes - this.#bytes;
    if (room <= 0 || chunk.length === 0) return;
    // A copy: a part of a chunk would keep the whole of it.
    const kept = Buffer.alloc(Math.min(room, chunk.length));
    kept.set(chunk.subarray(0, kept.length));
    this.#chunks.push(kept);
    this.#bytes += kept.length;
  }
}
