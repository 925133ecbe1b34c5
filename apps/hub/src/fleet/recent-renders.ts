import { type RenderResult } from "@wheelhouse/compile";

/** A render that succeeded. */
export type GoodRender = Extract<RenderResult, { ok: true }>;

/**
 * The renders used last, in memory, up to a bound of text; beyond it the
 * longest unused go. What the compiler makes of a render it keeps with the
 * very value, so the same value must come back for a commit to cost what it
 * changed.
 */
export class RecentRenders {
  readonly #maxCharacters: number;
  readonly #renders = new Map<string, GoodRender>();
  #characters = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  get(key: string): GoodRender | undefined {
    const render = this.#renders.get(key);
    if (render === undefined) return undefined;
    // A map keeps the order of insertion: used last stands last.
    this.#renders.delete(key);
    this.#renders.set(key, render);
    return render;
  }

  /** Keeps it, and returns the value to use: the one that was known before, if any. */
  keep(key: string, render: GoodRender): GoodRender {
    const known = this.get(key);
    if (known !== undefined) return known;
    this.#renders.set(key, render);
    this.#characters += render.output.length;
    for (const [oldest, { output }] of this.#renders) {
      if (this.#characters <= this.#maxCharacters) break;
      this.#renders.delete(oldest);
      this.#characters -= output.length;
    }
    return render;
  }
}
