import { type Digest } from "@wheelhouse/assignment";
import {
  type RenderPort,
  type RenderRequest,
  type RenderResult,
} from "@wheelhouse/compile";

/** A durable place for renders, beside the memory: it may lose anything at any time. */
export interface RenderCache {
  get(key: Digest): Promise<RenderResult | undefined>;
  put(key: Digest, result: RenderResult): Promise<void>;
}

/** How renders are remembered. */
export interface CachedRenderOptions {
  /** Output kept in memory, in UTF-16 units; the least recently used goes first. Default 64 Mi. */
  readonly maxLength?: number;
  readonly cache?: RenderCache;
}

/**
 * Renders equal inputs once: in memory, in a cache where one is given, and
 * while a run is under way. Only good results are kept: a failure may be the
 * machine's, and is cheap to find again.
 */
export class CachedRender implements RenderPort {
  readonly #port: RenderPort;
  readonly #cache: RenderCache | undefined;
  readonly #maxLength: number;
  readonly #kept = new Map<Digest, RenderResult>();
  readonly #running = new Map<Digest, Promise<RenderResult>>();
  #length = 0;

  constructor(port: RenderPort, options: CachedRenderOptions = {}) {
    this.#port = port;
    this.#cache = options.cache;
    this.#maxLength = options.maxLength ?? 64 * 1024 * 1024;
  }

  /** Renders one request, or gives what it came to before. */
  async render(
    request: RenderRequest,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<RenderResult> {
    const kept = this.#kept.get(request.key);
    if (kept !== undefined) {
      this.#kept.delete(request.key);
      this.#kept.set(request.key, kept);
      return kept;
    }
    const running =
      this.#running.get(request.key) ?? this.#start(request, options);
    return running;
  }

  #start(
    request: RenderRequest,
    options: { readonly signal?: AbortSignal },
  ): Promise<RenderResult> {
    const run = this.#find(request, options).finally(() =>
      this.#running.delete(request.key),
    );
    this.#running.set(request.key, run);
    return run;
  }

  async #find(
    request: RenderRequest,
    options: { readonly signal?: AbortSignal },
  ): Promise<RenderResult> {
    const stored = await this.#cache?.get(request.key);
    const result = stored ?? (await this.#port.render(request, options));
    if (result.ok) {
      if (stored === undefined) await this.#cache?.put(request.key, result);
      this.#keep(request.key, result);
    }
    return result;
  }

  #keep(key: Digest, result: RenderResult): void {
    const length = lengthOf(result);
    if (length > this.#maxLength) return;
    this.#kept.set(key, result);
    this.#length += length;
    for (const [oldest, old] of this.#kept) {
      if (this.#length <= this.#maxLength) return;
      this.#kept.delete(oldest);
      this.#length -= lengthOf(old);
    }
  }
}

function lengthOf(result: RenderResult): number {
  return result.ok ? result.output.length : result.message.length;
}
