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
  /** What the view showed before the apply: a version, `absent`, or `unknown` where it could not be believed. */
  readonly before: string;
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
    if (viewed.kind === "unknown" || viewed.object === undefined) {
      const before = viewed.kind === "unknown" ? "unknown" : "absent";
      this.#overlaid.set(key, { live, before });
      return;
    }
    const before = resourceVersionOf(viewed.object);
    if (!isOlder(before, resourceVersionOf(live))) return;
    this.#overlaid.set(key, { live, before });
  }

  /** Takes note that an object left the view, which showed it last as given: what was not newer than that is gone with it. */
  dropped(key: string, last: KubeObject): void {
    const overlaid = this.#overlaid.get(key);
    if (overlaid === undefined) return;
    const version = resourceVersionOf(last);
    if (isOlder(version, resourceVersionOf(overlaid.live))) return;
    this.#overlaid.delete(key);
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

  /** The newest that is known of an object. What is not in view is unknown though we wrote it: somebody else may have written it since, or deleted it. */
  get(kind: GroupVersionKind, key: string): ViewedObject {
    const viewed = this.#viewed(kind, key);
    const overlaid = this.#overlaid.get(key);
    if (overlaid === undefined || viewed.kind === "unknown") return viewed;
    if (viewed.object === undefined && overlaid.before === "unknown") {
      return { kind: "unknown" };
    }
    if (isBehind(viewed.object, overlaid)) {
      return { kind: "known", object: overlaid.live };
    }
    this.#overlaid.delete(key);
    return viewed;
  }
}

function isBehind(viewed: KubeObject | undefined, overlaid: Overlaid): boolean {
  if (viewed === undefined) return overlaid.before === "absent";
  const version = resourceVersionOf(viewed);
  if (version === overlaid.before) return true;
  return isOlder(version, resourceVersionOf(overlaid.live));
}

/** Versions of one server can be compared; where they are no numbers, the view is believed. */
function isOlder(a: string, b: string): boolean {
  const isNumber = (text: string) => /^\d{1,15}$/.test(text);
  return isNumber(a) && isNumber(b) && Number(a) < Number(b);
}
