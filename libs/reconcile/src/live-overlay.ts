import { type ViewedObject, resourceVersionOf } from "@wheelhouse/kube-apply";
import {
  type GroupVersionKind,
  type KubeObject,
  parseObjectKey,
} from "@wheelhouse/kube-object";
import { type OwnedObjects } from "@wheelhouse/kube-watch";

/** What is in view: of `kube-watch`, or whatever stands for it. */
export type LiveView = Pick<OwnedObjects, "get" | "isSynced">;

interface Overlaid {
  readonly live: KubeObject;
  /** What the view showed before the apply; undefined where it showed nothing. */
  readonly before: string | undefined;
}

/**
 * A view that is never older than our own writes: what an apply returned
 * covers what is in view until the view has caught up. Without it every write
 * of ours would look like drift for a moment.
 */
export class LiveOverlay {
  readonly #view: LiveView;
  readonly #overlaid = new Map<string, Overlaid>();

  constructor(view: LiveView) {
    this.#view = view;
  }

  /** Remembers what an apply returned. */
  cover(kind: GroupVersionKind, key: string, live: KubeObject): void {
    const viewed = this.#viewed(kind, key);
    const object = viewed.kind === "known" ? viewed.object : undefined;
    const before = object && resourceVersionOf(object);
    if (before !== undefined && !isOlder(before, resourceVersionOf(live))) {
      return;
    }
    this.#overlaid.set(key, { live, before });
  }

  /** Forgets an object that is no longer ours. */
  forget(key: string): void {
    this.#overlaid.delete(key);
  }

  #viewed(kind: GroupVersionKind, key: string): ViewedObject {
    const id = parseObjectKey(key);
    return id !== undefined && this.#view.isSynced(kind)
      ? { kind: "known", object: this.#view.get(id) }
      : { kind: "unknown" };
  }

  /** The newest that is known of an object. */
  get(kind: GroupVersionKind, key: string): ViewedObject {
    const viewed = this.#viewed(kind, key);
    const overlaid = this.#overlaid.get(key);
    if (overlaid === undefined) return viewed;
    if (viewed.kind === "unknown" || isBehind(viewed.object, overlaid)) {
      return { kind: "known", object: overlaid.live };
    }
    this.#overlaid.delete(key);
    return viewed;
  }
}

function isBehind(viewed: KubeObject | undefined, overlaid: Overlaid): boolean {
  if (viewed === undefined) return overlaid.before === undefined;
  const version = resourceVersionOf(viewed);
  if (version === overlaid.before) return true;
  return isOlder(version, resourceVersionOf(overlaid.live));
}

/** Versions of one server can be compared; where they are no numbers, the view is believed. */
function isOlder(a: string, b: string): boolean {
  const isNumber = (text: string) => /^\d{1,15}$/.test(text);
  return isNumber(a) && isNumber(b) && Number(a) < Number(b);
}
