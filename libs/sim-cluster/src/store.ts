import { type JsonObject, objectAt, stringAt } from "./json.ts";

/** What happened to an object. */
export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

/** One write. Objects are never changed after they were stored. */
export interface Change {
  readonly revision: number;
  readonly type: ChangeType;
  /** Storage key of the resource: `group/plural`. */
  readonly resource: string;
  readonly object: JsonObject;
  /** The object before, for MODIFIED and DELETED. */
  readonly previous: JsonObject | undefined;
}

/** An object's place in its collection: `namespace/name`. */
export function objectKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** The place of an object that has metadata. */
export function keyOf(object: JsonObject): string {
  const metadata = objectAt(object, "metadata");
  return objectKey(stringAt(metadata, "namespace"), stringAt(metadata, "name"));
}

type Listener = (change: Change) => void;

interface Collection {
  readonly objects: Map<string, JsonObject>;
  /** Keys in order; made again after a key came or went. */
  sorted: readonly string[] | undefined;
}

/** First resourceVersion that a new store gives out, away from the special "0". */
const firstRevision = 2;

/** Objects of a whole cluster in memory, with one revision counter and a bounded history. */
export class Store {
  #revision = firstRevision;
  #floor = firstRevision;
  readonly #collections = new Map<string, Collection>();
  readonly #history: Change[] = [];
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #historySize: number;

  /** `historySize`: changes kept for watches that resume; older ones answer 410. */
  constructor(historySize: number) {
    this.#historySize = historySize;
  }

  /** The newest resourceVersion. */
  get revision(): number {
    return this.#revision;
  }

  /** Watches may resume from here on, and from nothing older. */
  get floor(): number {
    return this.#floor;
  }

  /** How many objects there are. */
  get size(): number {
    let size = 0;
    for (const each of this.#collections.values()) size += each.objects.size;
    return size;
  }

  get(resource: string, key: string): JsonObject | undefined {
    return this.#collections.get(resource)?.objects.get(key);
  }

  /** Objects of a resource in key order; the namespace "" means all. */
  list(resource: string, namespace = ""): JsonObject[] {
    const collection = this.#collections.get(resource);
    if (collection === undefined) return [];
    collection.sorted ??= [...collection.objects.keys()].sort();
    const prefix = `${namespace}/`;
    return collection.sorted.flatMap((key) => {
      if (namespace !== "" && !key.startsWith(prefix)) return [];
      const object = collection.objects.get(key);
      return object === undefined ? [] : [object];
    });
  }

  /** Keys of all resources that hold something. */
  resources(): string[] {
    return [...this.#collections.keys()];
  }

  /** Stores an object under the next resourceVersion, and returns it as stored. */
  put(resource: string, object: JsonObject): JsonObject {
    const collection = this.#collection(resource);
    const key = keyOf(object);
    const previous = collection.objects.get(key);
    const stored = this.#stamp(object);
    collection.objects.set(key, stored);
    if (previous === undefined) collection.sorted = undefined;
    this.#record(
      resource,
      previous === undefined ? "ADDED" : "MODIFIED",
      stored,
      previous,
    );
    return stored;
  }

  /** Removes an object; its last state carries the resourceVersion of the removal. */
  remove(resource: string, key: string): JsonObject | undefined {
    const collection = this.#collections.get(resource);
    const previous = collection?.objects.get(key);
    if (collection === undefined || previous === undefined) return undefined;
    collection.objects.delete(key);
    collection.sorted = undefined;
    const last = this.#stamp(previous);
    this.#record(resource, "DELETED", last, previous);
    return last;
  }

  /** Changes of one resource after a revision; undefined when the history no longer reaches back. */
  changesSince(resource: string, revision: number): Change[] | undefined {
    if (revision < this.#floor) return undefined;
    let from = this.#history.length;
    while (from > 0 && (this.#history[from - 1]?.revision ?? 0) > revision)
      from -= 1;
    return this.#history
      .slice(from)
      .filter((change) => change.resource === resource);
  }

  /** Forgets the history: every older resourceVersion is compacted. */
  compact(): void {
    this.#history.length = 0;
    this.#floor = this.#revision;
  }

  /** Calls back on every change of a resource, or of all with "*", until the returned function is called. */
  listen(resource: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(resource) ?? new Set();
    this.#listeners.set(resource, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #collection(resource: string): Collection {
    let collection = this.#collections.get(resource);
    if (collection === undefined) {
      collection = { objects: new Map(), sorted: undefined };
      this.#collections.set(resource, collection);
    }
    return collection;
  }

  #stamp(object: JsonObject): JsonObject {
    this.#revision += 1;
    return {
      ...object,
      metadata: {
        ...objectAt(object, "metadata"),
        resourceVersion: String(this.#revision),
      },
    };
  }

  #record(
    resource: string,
    type: ChangeType,
    object: JsonObject,
    previous: JsonObject | undefined,
  ): void {
    const change = {
      revision: this.#revision,
      type,
      resource,
      object,
      previous,
    };
    this.#history.push(change);
    // Trimmed in steps, so that a write does not move the whole list each time.
    if (this.#history.length > this.#historySize * 1.25 + 8) {
      const surplus = this.#history.length - this.#historySize;
      const dropped = this.#history.splice(0, surplus);
      this.#floor = dropped[dropped.length - 1]?.revision ?? this.#floor;
    }
    for (const listener of this.#listeners.get(resource) ?? [])
      listener(change);
    for (const listener of this.#listeners.get("*") ?? []) listener(change);
  }
}
