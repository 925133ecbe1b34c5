import { systemClock } from "@wheelhouse/system-clock";
import {
  type GroupVersionKind,
  type KubeObject,
  type ObjectId,
  errorText,
  fleetLabel,
} from "@wheelhouse/kube-object";
import { type Clock } from "@wheelhouse/clock";
import { KindWatch } from "./kind-watch.ts";
import { type ChangeListener, ObjectView } from "./object-view.ts";
import { type WatchPort } from "./watch-port.ts";

/** How the view is made. */
export interface OwnedObjectsOptions {
  readonly port: WatchPort;
  /** The fleet whose objects are ours: the value of their label. */
  readonly fleet: string;
  readonly clock?: Clock;
  /** From 0 to 1, exclusive. */
  readonly random?: () => number;
  readonly log?: (message: string) => void;
}

/** A kind that could not be listed or watched, and why. */
export interface WatchProblem {
  readonly kind: GroupVersionKind;
  readonly message: string;
}

/**
 * What a fleet owns in a cluster, kept in view by one list and watch per kind.
 *
 * The view is a hint to look, and never evidence for deletion: an object may
 * be missing from it because its label was taken away, a list was stale, or
 * the watch is behind. Whoever would act on absence reads the object live.
 */
export interface OwnedObjects {
  /** Watches exactly these kinds from now on; of two versions of one kind the first counts. Objects of other kinds are forgotten without a word. */
  setKinds(kinds: readonly GroupVersionKind[]): void;
  /** The object as last seen, trimmed (see `trimObject`). */
  get(id: ObjectId): KubeObject | undefined;
  /** Whether the view of a kind may be believed: it has been listed whole since it was asked for, and its watch has failed neither last time nor since. */
  isSynced(kind: Pick<GroupVersionKind, "group" | "kind">): boolean;
  /** Calls back on each change; the returned function ends that. A listener that throws is logged, and the rest are still called. */
  onChange(listener: ChangeListener): () => void;
  /** Resolves when every kind has been listed whole at least once; rejects with the signal's reason. */
  whenSynced(signal: AbortSignal): Promise<void>;
  /** Kinds that cannot be watched now. */
  problems(): readonly WatchProblem[];
  /** Ends all watches; resolves when they have ended. */
  stop(): Promise<void>;
}

interface WatchedKind {
  readonly kind: GroupVersionKind;
  readonly view: ObjectView;
  readonly watch: KindWatch;
  readonly end: AbortController;
  readonly ended: Promise<void>;
  wasListed: boolean;
}

/** Makes a view of what a fleet owns; it watches nothing until `setKinds`. */
export function createOwnedObjects(options: OwnedObjectsOptions): OwnedObjects {
  return new WatchedObjects(options);
}

class WatchedObjects implements OwnedObjects {
  readonly #options: OwnedObjectsOptions;
  readonly #kinds = new Map<string, WatchedKind>();
  readonly #ending = new Set<Promise<void>>();
  readonly #listeners = new Set<ChangeListener>();
  readonly #waiting = new Set<() => void>();

  constructor(options: OwnedObjectsOptions) {
    this.#options = options;
  }

  setKinds(kinds: readonly GroupVersionKind[]): void {
    const wanted = new Map<string, GroupVersionKind>();
    for (const kind of kinds) {
      if (!wanted.has(keyOf(kind))) wanted.set(keyOf(kind), kind);
    }
    for (const [key, watched] of this.#kinds) {
      if (wanted.get(key)?.version !== watched.kind.version) this.#end(key);
    }
    for (const [key, kind] of wanted) {
      if (!this.#kinds.has(key)) this.#kinds.set(key, this.#start(kind));
    }
    this.#wake();
  }

  get(id: ObjectId): KubeObject | undefined {
    return this.#kinds.get(keyOf(id))?.view.get(id);
  }

  isSynced(kind: Pick<GroupVersionKind, "group" | "kind">): boolean {
    const watched = this.#kinds.get(keyOf(kind));
    return watched?.wasListed === true && watched.watch.problem === undefined;
  }

  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  whenSynced(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(check);
        reject(signal.reason as Error);
      };
      const check = (): void => {
        if (![...this.#kinds.values()].every((kind) => kind.wasListed)) return;
        this.#waiting.delete(check);
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(check);
      check();
    });
  }

  problems(): readonly WatchProblem[] {
    return [...this.#kinds.values()].flatMap(({ kind, watch }) =>
      watch.problem === undefined ? [] : [{ kind, message: watch.problem }],
    );
  }

  async stop(): Promise<void> {
    for (const key of [...this.#kinds.keys()]) this.#end(key);
    await Promise.all(this.#ending);
  }

  #start(kind: GroupVersionKind): WatchedKind {
    const { port, fleet, clock, random, log } = this.#options;
    const end = new AbortController();
    // A kind that was given up may still hear its last event: it tells nobody.
    const view = new ObjectView((...change) => {
      if (!end.signal.aborted) this.#notify(...change);
    });
    const watch = new KindWatch({
      port,
      kind,
      labelSelector: `${fleetLabel}=${fleet}`,
      view,
      clock: clock ?? systemClock,
      random: random ?? Math.random,
      log: log ?? (() => undefined),
      onSynced: () => {
        watched.wasListed = true;
        this.#wake();
      },
    });
    const ended = watch.run(end.signal);
    const watched = { kind, view, watch, end, ended, wasListed: false };
    return watched;
  }

  #end(key: string): void {
    const watched = this.#kinds.get(key);
    if (watched === undefined) return;
    this.#kinds.delete(key);
    watched.end.abort(new Error("no longer watched"));
    this.#ending.add(watched.ended);
    void watched.ended.finally(() => this.#ending.delete(watched.ended));
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }

  #notify(...change: Parameters<ChangeListener>): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(...change);
      } catch (error) {
        const text = errorText(error);
        this.#options.log?.(`a listener failed: ${text}`);
      }
    }
  }
}

function keyOf({ group, kind }: { group: string; kind: string }): string {
  return `${group}/${kind}`;
}
