import {
  type KubeObject,
  type ObjectId,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";

/** Told of each change in view: the object as it is now, undefined where it left the view, and as it was before. */
export type ChangeListener = (
  id: ObjectId,
  object: KubeObject | undefined,
  previous: KubeObject | undefined,
) => void;

/** The objects of one kind in view, and what changes when a list or an event comes. */
export class ObjectView {
  readonly #objects = new Map<string, KubeObject>();
  readonly #notify: ChangeListener;

  constructor(notify: ChangeListener) {
    this.#notify = notify;
  }

  get(id: ObjectId): KubeObject | undefined {
    return this.#objects.get(objectKey(id));
  }

  /** An object was seen; the same version again is no change. */
  put(object: KubeObject): void {
    const id = objectIdOf(object);
    const key = objectKey(id);
    const previous = this.#objects.get(key);
    this.#objects.set(key, object);
    const isSame =
      previous !== undefined &&
      previous.metadata["uid"] === object.metadata["uid"] &&
      previous.metadata["resourceVersion"] ===
        object.metadata["resourceVersion"];
    if (!isSame) this.#notify(id, object, previous);
  }

  /** An object left the view. */
  drop(object: KubeObject): void {
    const id = objectIdOf(object);
    const previous = this.#objects.get(objectKey(id));
    if (previous === undefined) return;
    this.#objects.delete(objectKey(id));
    this.#notify(id, undefined, previous);
  }

  /** A complete list was read: what is not in it left the view. */
  replace(objects: readonly KubeObject[]): void {
    const listed = new Set(objects.map((one) => objectKey(objectIdOf(one))));
    for (const object of objects) this.put(object);
    for (const [key, object] of [...this.#objects]) {
      if (!listed.has(key)) this.drop(object);
    }
  }
}
