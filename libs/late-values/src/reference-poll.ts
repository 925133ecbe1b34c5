import { type BundleName } from "@wheelhouse/assignment";
import { type Clock } from "@wheelhouse/clock";
import { KubeError, resourceVersionOf } from "@wheelhouse/kube-apply";
import { type KubeObject } from "@wheelhouse/kube-object";

/** One object that bundles need, and how it is read. */
export interface PolledObject {
  /** What tells it from others, with the account that reads it. */
  readonly key: string;
  readonly bundles: ReadonlySet<BundleName>;
  read(signal: AbortSignal): Promise<KubeObject | undefined>;
}

/**
 * Looks at single objects from time to time, each once however many bundles
 * need it, and tells of those whose version is another. A read that fails says
 * nothing: the bundles' own passes meet the same refusal.
 */
export class ReferencePoll {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #versions = new Map<string, string>();
  #objects: readonly PolledObject[] = [];
  #changed: (bundle: BundleName) => void = () => undefined;
  #cancel: (() => void) | undefined;
  #isLooking = false;
  readonly #abort = new AbortController();

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** Looks at these from now on, and at no others. */
  observe(
    objects: readonly PolledObject[],
    changed: (bundle: BundleName) => void,
  ): void {
    this.#objects = objects;
    this.#changed = changed;
    const keys = new Set(objects.map(({ key }) => key));
    for (const key of this.#versions.keys()) {
      if (!keys.has(key)) this.#versions.delete(key);
    }
    this.#plan();
  }

  /** What the first pass has read needs no second look; a later one may be of one bundle alone, and the others must be told. */
  note(key: string, object: KubeObject | undefined): void {
    if (!this.#versions.has(key)) this.#versions.set(key, versionOf(object));
  }

  stop(): void {
    this.#abort.abort();
    this.#cancelTimer();
    this.#objects = [];
  }

  /** One look at a time, and none where there is nothing to look at. */
  #plan(): void {
    if (this.#objects.length === 0) this.#cancelTimer();
    else if (!this.#isLooking && !this.#abort.signal.aborted) {
      this.#cancel ??= this.#clock.setTimer(
        this.#everyMs,
        () => void this.#look(),
      );
    }
  }

  #cancelTimer(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #look(): Promise<void> {
    const { signal } = this.#abort;
    this.#cancel = undefined;
    this.#isLooking = true;
    // One after the other: nobody is in a hurry, and the server is asked gently.
    for (const object of this.#objects) {
      if (signal.aborted) return;
      await this.#compare(object, signal);
    }
    this.#isLooking = false;
    this.#plan();
  }

  async #compare(
    { key, bundles, read }: PolledObject,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const version = versionOf(await read(signal));
      const before = this.#versions.get(key);
      this.#versions.set(key, version);
      if (before === version || signal.aborted) return;
      for (const bundle of bundles) this.#changed(bundle);
    } catch (error) {
      // A request that is cut off at the end is no news either.
      if (!signal.aborted && !(error instanceof KubeError)) throw error;
    }
  }
}

function versionOf(object: KubeObject | undefined): string {
  if (object === undefined) return "absent";
  return `${String(object.metadata["uid"])}/${resourceVersionOf(object)}`;
}
