import { type Digest } from "@wheelhouse/assignment";
import {
  type RenderPort,
  type RenderRequest,
  type RenderResult,
} from "@wheelhouse/compile";
import { type RenderCache } from "@wheelhouse/hub-store";
import { errorText } from "@wheelhouse/kube-object";
import { holdingSystemClock } from "@wheelhouse/system-clock";
import {
  type WorkQueue,
  createInProcessWorkQueue,
} from "@wheelhouse/work-queue";
import { RecentRenders } from "./recent-renders.ts";

interface WantedRender {
  readonly request: RenderRequest;
  readonly settle: (result: RenderResult) => void;
  readonly result: Promise<RenderResult>;
}

/** How much of the newest renders' text stays in memory. */
const maxRecentCharacters = 16 * 2 ** 20;

/** Renders that were done before are kept: this many, the last used. */
export const maxKeptRenders = 5_000;

/** Runs renders under a bound, each key once, and remembers what succeeded. A failure is not remembered: it may have been the machine's. */
export class RenderPool {
  readonly #port: RenderPort;
  readonly #cache: RenderCache;
  readonly #queue: WorkQueue;
  readonly #wanted = new Map<string, WantedRender>();
  readonly #recent = new RecentRenders(maxRecentCharacters);

  constructor(options: {
    readonly port: RenderPort;
    readonly cache: RenderCache;
    /** How many run at once. */
    readonly concurrency: number;
  }) {
    this.#port = options.port;
    this.#cache = options.cache;
    this.#queue = createInProcessWorkQueue({
      concurrency: options.concurrency,
      clock: holdingSystemClock,
      work: (key, { signal }) => this.#run(key, signal),
      onError: () => undefined,
    });
  }

  async renderAll(
    requests: readonly RenderRequest[],
  ): Promise<ReadonlyMap<Digest, RenderResult>> {
    const results = await Promise.all(
      requests.map(
        async (request) => [request.key, await this.#render(request)] as const,
      ),
    );
    return new Map(results);
  }

  close(): Promise<void> {
    return this.#queue.close({ graceMs: 0 });
  }

  async #render(request: RenderRequest): Promise<RenderResult> {
    const recent = this.#recent.get(request.key);
    if (recent !== undefined) return recent;
    const cached = await this.#cache.get(request.key);
    if (cached !== null) {
      return this.#recent.keep(request.key, { ok: true, output: cached });
    }
    const known = this.#wanted.get(request.key);
    if (known !== undefined) return known.result;
    let settle: WantedRender["settle"] = () => undefined;
    const result = new Promise<RenderResult>((resolve) => (settle = resolve));
    this.#wanted.set(request.key, { request, settle, result });
    this.#queue.trigger(request.key);
    return result;
  }

  async #run(key: string, signal: AbortSignal) {
    const wanted = this.#wanted.get(key);
    if (wanted !== undefined) {
      const result = await this.#attempt(wanted.request, signal);
      this.#wanted.delete(key);
      wanted.settle(result);
    }
    return { kind: "settled" } as const;
  }

  async #attempt(
    request: RenderRequest,
    signal: AbortSignal,
  ): Promise<RenderResult> {
    try {
      const result = await this.#port.render(request, { signal });
      if (!result.ok) return result;
      await this.#cache.put(request.key, result.output);
      return this.#recent.keep(request.key, result);
    } catch (error) {
      const why = errorText(error);
      return { ok: false, message: `cannot be rendered: ${why}` };
    }
  }
}
