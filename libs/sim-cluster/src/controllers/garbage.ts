import { type ClusterState } from "../cluster-state.ts";
import {
  cloneJson,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { type Change, keyOf, objectKey } from "../store.ts";
import { ownersOf, type Place } from "./owner-index.ts";
import { ControllerContext } from "./controller.ts";

const placeText = ({ resource, key }: Place) => `${resource} ${key}`;

const uidOf = (object: JsonObject) =>
  stringAt(objectAt(object, "metadata"), "uid");
const finalizers = (object: JsonObject) =>
  listAt(objectAt(object, "metadata"), "finalizers");

/** Deletes, keeps or orphans the dependents of what is deleted, by owner references. */
export class GarbageCollector {
  readonly #state: ClusterState;
  readonly #context: ControllerContext;
  readonly #queue = new Map<string, Place>();
  #cancelTurn: (() => void) | undefined;
  #stop: (() => void) | undefined;

  constructor(state: ClusterState) {
    this.#state = state;
    this.#context = new ControllerContext(
      state,
      0,
      "generic-garbage-collector",
    );
  }

  start(): void {
    this.#stop = this.#state.store.listen("*", (change) => this.#see(change));
  }

  stop(): void {
    this.#stop?.();
    this.#cancelTurn?.();
    this.#queue.clear();
  }

  #see(change: Change): void {
    const place = { resource: change.resource, key: keyOf(change.object) };
    const metadata = objectAt(change.object, "metadata");
    if (change.type === "DELETED") {
      for (const dependent of this.#state.owners.placesOf(uidOf(change.object)))
        this.#add(dependent);
      // Owners that wait for this dependent look again.
      for (const owner of ownersOf(change.object))
        this.#addOwner(owner, change.object);
    } else if (
      metadata["deletionTimestamp"] !== undefined ||
      ownersOf(change.object).length > 0
    )
      this.#add(place);
  }

  #addOwner(owner: JsonObject, dependent: JsonObject): void {
    const place = this.#placeOf(owner, dependent);
    if (place !== undefined) this.#add(place);
  }

  #placeOf(owner: JsonObject, dependent: JsonObject): Place | undefined {
    const resource = this.#state.resources.ofKind(
      stringAt(owner, "apiVersion"),
      stringAt(owner, "kind"),
    );
    if (resource === undefined) return undefined;
    const namespace = resource.namespaced
      ? stringAt(objectAt(dependent, "metadata"), "namespace")
      : "";
    return {
      resource: resource.storage,
      key: objectKey(namespace, stringAt(owner, "name")),
    };
  }

  #add(place: Place): void {
    this.#queue.set(placeText(place), place);
    this.#cancelTurn ??= this.#state.clock.setTimer(0, () => {
      this.#cancelTurn = undefined;
      const places = [...this.#queue.values()];
      this.#queue.clear();
      for (const each of places) this.#reconcile(each);
    });
  }

  #reconcile(place: Place): void {
    const object = this.#state.store.get(place.resource, place.key);
    if (object === undefined) return;
    const deleting =
      objectAt(object, "metadata")["deletionTimestamp"] !== undefined;
    if (deleting && finalizers(object).includes("orphan"))
      return this.#orphan(place, object);
    if (deleting && finalizers(object).includes("foregroundDeletion"))
      return this.#deleteForeground(place, object);
    if (!deleting) this.#collect(place, object);
  }

  /** An object all of whose owners are gone goes too; one of several only loses the reference. */
  #collect(place: Place, object: JsonObject): void {
    const owners = ownersOf(object);
    if (owners.length === 0) return;
    const states = owners.map((owner) => this.#ownerState(owner, object));
    if (states.includes("unknown")) return;
    if (states.every((state) => state === "gone"))
      return this.#context.delete(place.resource, object);
    if (states.every((state) => state !== "living"))
      return this.#context.delete(place.resource, object, "Foreground");
    if (!states.includes("gone")) return;
    this.#context.update(place.resource, object, (copy) => {
      objectAt(copy, "metadata")["ownerReferences"] = cloneJson(
        owners.filter((_owner, index) => states[index] !== "gone"),
      );
    });
  }

  #ownerState(
    owner: JsonObject,
    dependent: JsonObject,
  ): "living" | "gone" | "waiting" | "unknown" {
    const place = this.#placeOf(owner, dependent);
    // A kind that is not served says nothing about its objects.
    if (place === undefined) return "unknown";
    const found = this.#state.store.get(place.resource, place.key);
    if (found === undefined || uidOf(found) !== stringAt(owner, "uid"))
      return "gone";
    const deleting =
      objectAt(found, "metadata")["deletionTimestamp"] !== undefined;
    return deleting && finalizers(found).includes("foregroundDeletion")
      ? "waiting"
      : "living";
  }

  #deleteForeground(place: Place, owner: JsonObject): void {
    let blocking = 0;
    const uid = uidOf(owner);
    for (const dependent of this.#state.owners.placesOf(uid)) {
      const object = this.#state.store.get(dependent.resource, dependent.key);
      if (object === undefined) continue;
      const reference = ownersOf(object).find((each) => each["uid"] === uid);
      if (reference?.["blockOwnerDeletion"] === true) blocking += 1;
      this.#add(dependent);
    }
    if (blocking === 0) this.#release(place, owner, "foregroundDeletion");
  }

  #orphan(place: Place, owner: JsonObject): void {
    const uid = uidOf(owner);
    for (const dependent of this.#state.owners.placesOf(uid)) {
      const object = this.#state.store.get(dependent.resource, dependent.key);
      if (object === undefined) continue;
      this.#context.update(dependent.resource, object, (copy) => {
        objectAt(copy, "metadata")["ownerReferences"] = ownersOf(copy).filter(
          (each) => each["uid"] !== uid,
        );
      });
    }
    this.#release(place, owner, "orphan");
  }

  #release(place: Place, object: JsonObject, finalizer: string): void {
    const live = this.#state.store.get(place.resource, place.key);
    if (live === undefined || uidOf(live) !== uidOf(object)) return;
    this.#context.update(place.resource, live, (copy) => {
      objectAt(copy, "metadata")["finalizers"] = finalizers(copy).filter(
        (each) => each !== finalizer,
      );
    });
  }
}
