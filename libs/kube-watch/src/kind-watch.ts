import {
  type GroupVersionKind,
  type KubeObject,
  errorText,
  formatApiVersion,
} from "@wheelhouse/kube-object";
import { type Clock } from "@wheelhouse/clock";
import { sleep } from "@wheelhouse/kube-apply";
import { type ObjectView } from "./object-view.ts";
import { trimObject } from "./trimmed-object.ts";
import { type WatchEvent, type WatchPort } from "./watch-port.ts";

/** What a watch of one kind is made of. */
export interface KindWatchParts {
  readonly port: WatchPort;
  readonly kind: GroupVersionKind;
  readonly labelSelector: string;
  readonly view: ObjectView;
  readonly clock: Clock;
  /** From 0 to 1, exclusive. */
  readonly random: () => number;
  readonly log: (message: string) => void;
  /** Called when a complete list has been read for the first time. */
  readonly onSynced: () => void;
}

/** Objects in one page of a list. */
const pageSize = 500;

/** The server ends a watch after 240 to 270 s, so that not all end at once. */
const watchSeconds = { least: 240, spread: 30 } as const;

/** A watch that said nothing for this long beyond its own end is dead: found within five minutes. */
const silenceMs = 30_000;

/** Waits after errors grow from half a second to this, each with full jitter. */
const backoffMs = { first: 500, most: 30_000 } as const;

/** After a 410 the list is read anew within this, spread over it. */
const relistSpreadMs = 2_000;

/** A watch that ends sooner than this counts as an error: it must not be opened in a tight loop. */
const shortWatchMs = 1_000;

/** The server no longer has the version that we would go on from. */
class GoneError extends Error {}

/** Lists one kind, watches on from there, and begins again for as long as it is let. */
export class KindWatch {
  readonly #parts: KindWatchParts;
  #resourceVersion: string | undefined;
  #failures = 0;
  #problem: string | undefined;

  constructor(parts: KindWatchParts) {
    this.#parts = parts;
  }

  /** Why the kind could not be listed or watched last time; undefined while it is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Runs until the signal is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#resourceVersion ??= await this.#list(signal);
        await this.#watch(this.#resourceVersion, signal);
      } catch (error) {
        if (signal.aborted) return;
        const delayMs = this.#judge(error);
        await sleep(this.#parts.clock, delayMs, signal);
      }
    }
  }

  /** Takes note of an error and says how long to wait. */
  #judge(error: unknown): number {
    const { random, log, kind } = this.#parts;
    const text = errorText(error);
    this.#problem = text;
    if (isGone(error)) {
      this.#resourceVersion = undefined;
      log(`${nameOf(kind)}: reads its list anew: ${text}`);
      return random() * relistSpreadMs;
    }
    this.#failures += 1;
    log(`${nameOf(kind)}: watch failed (${this.#failures}): ${text}`);
    const ceiling = backoffMs.first * 2 ** Math.min(this.#failures, 10);
    return random() * Math.min(backoffMs.most, ceiling);
  }

  #settle(): void {
    this.#failures = 0;
    this.#problem = undefined;
  }

  /** Reads the list whole before anything of it is believed: half a list says nothing of the rest. */
  async #list(signal: AbortSignal): Promise<string> {
    const { port, kind, labelSelector, view, onSynced } = this.#parts;
    const objects: KubeObject[] = [];
    let resourceVersion: string;
    let continueToken: string | undefined;
    do {
      const page = await port.list(kind, {
        labelSelector,
        limit: pageSize,
        signal,
        ...(continueToken === undefined ? {} : { continueToken }),
      });
      objects.push(...page.items.map(trimObject));
      ({ resourceVersion, continueToken } = page);
    } while (continueToken !== undefined);
    signal.throwIfAborted();
    view.replace(objects);
    this.#settle();
    onSynced();
    return resourceVersion;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { port, kind, labelSelector, clock, random } = this.#parts;
    const { least, spread } = watchSeconds;
    const timeoutSeconds = least + Math.floor(random() * spread);
    const opened = clock.monotonicMs();
    const cut = new AbortController();
    const limit = (): (() => void) =>
      clock.setTimer(timeoutSeconds * 1_000 + silenceMs, () =>
        cut.abort(new GoneError("the watch went silent")),
      );
    // Linked by hand, so that the long-lived signal lets go of each watch.
    const onAbort = (): void => cut.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    let cancel = limit();
    try {
      const events = port.watch(kind, {
        labelSelector,
        resourceVersion,
        timeoutSeconds,
        signal: cut.signal,
      });
      for await (const event of events) {
        cancel();
        this.#take(event);
        this.#settle();
        cancel = limit();
      }
    } finally {
      cancel();
      signal.removeEventListener("abort", onAbort);
    }
    cut.signal.throwIfAborted();
    if (clock.monotonicMs() - opened < shortWatchMs) {
      throw new Error("the watch ended at once");
    }
    this.#settle();
  }

  #take(event: WatchEvent): void {
    const { view } = this.#parts;
    switch (event.kind) {
      case "added":
      case "modified":
        view.put(trimObject(event.object));
        this.#advance(event.object.metadata["resourceVersion"]);
        return;
      case "deleted":
        view.drop(event.object);
        this.#advance(event.object.metadata["resourceVersion"]);
        return;
      case "bookmark":
        this.#advance(event.resourceVersion);
        return;
      case "error":
        if (event.code === 410) throw new GoneError(event.message);
        throw new Error(`${event.message} (${event.code})`);
    }
  }

  #advance(resourceVersion: unknown): void {
    if (typeof resourceVersion === "string" && resourceVersion !== "") {
      this.#resourceVersion = resourceVersion;
    }
  }
}

/** A refusal by HTTP comes as an error with a `code`; the port's errors are known by that field alone. */
function isGone(error: unknown): boolean {
  if (error instanceof GoneError) return true;
  return error instanceof Error && "code" in error && error.code === 410;
}

function nameOf({ group, version, kind }: GroupVersionKind): string {
  return `${formatApiVersion(group, version)} ${kind}`;
}
