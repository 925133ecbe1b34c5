import {
  isObject,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { type Change, keyOf, type Store } from "../store.ts";

/** Where an object is. */
export interface Place {
  readonly resource: string;
  readonly key: string;
}

/** The owner references of an object. */
export function ownersOf(object: JsonObject): JsonObject[] {
  return listAt(objectAt(object, "metadata"), "ownerReferences").filter(
    isObject,
  );
}

/** Dependents by the uid of their owner, kept up to date with the store. */
export class OwnerIndex {
  readonly #store: Store;
  readonly #places = new Map<string, Map<string, Place>>();
  readonly #stop: () => void;

  /** Made before anything is in the store. */
  constructor(store: Store) {
    this.#store = store;
    this.#stop = store.listen("*", (change) => this.#see(change));
  }

  stop(): void {
    this.#stop();
  }

  /** Where the dependents of an owner are. */
  placesOf(uid: string): Place[] {
    return [...(this.#places.get(uid)?.values() ?? [])];
  }

  /** The dependents of one resource that name the owner as their controller, in key order. */
  controlled(uid: string, resource: string): JsonObject[] {
    return this.placesOf(uid)
      .filter((place) => place.resource === resource)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((place) => this.#store.get(resource, place.key))
      .filter((object) => object !== undefined)
      .filter((object) =>
        ownersOf(object).some(
          (owner) => owner["uid"] === uid && owner["controller"] === true,
        ),
      );
  }

  #see(change: Change): void {
    const place = { resource: change.resource, key: keyOf(change.object) };
    const id = `${place.resource} ${place.key}`;
    for (const owner of change.previous === undefined
      ? []
      : ownersOf(change.previous)) {
      const uid = stringAt(owner, "uid");
      const places = this.#places.get(uid);
      places?.delete(id);
      if (places?.size === 0) this.#places.delete(uid);
    }
    if (change.type === "DELETED") return;
    for (const owner of ownersOf(change.object)) {
      const uid = stringAt(owner, "uid");
      const places = this.#places.get(uid) ?? new Map<string, Place>();
      this.#places.set(uid, places.set(id, place));
    }
  }
}
