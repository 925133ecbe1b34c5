import { type BundleName } from "@wheelhouse/assignment";
import { type KubeObject, isJsonObject } from "@wheelhouse/kube-object";
import { eventSource } from "./cluster-events.ts";

/** What a spoke told of a bundle last. */
export interface BundleEvent {
  /** PascalCase, such as `Failed`. */
  readonly reason: string;
  /** At most 1,024 characters, without the bundle's name. */
  readonly message: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Reasons that tell how far a bundle's application came; others tell of single objects. */
const reasons: ReadonlySet<string> = new Set(["Applied", "Failed", "Held"]);

/**
 * What stopped each bundle, by the newest Event about its application that a
 * spoke wrote. None where that was an application; and none for what an API
 * server has let go of since, by default after an hour.
 */
export function lastTroubles(
  events: readonly KubeObject[],
): ReadonlyMap<BundleName, BundleEvent> {
  const newest = new Map<BundleName, BundleEvent>();
  for (const object of events) {
    const read = readEvent(object);
    if (read === undefined) continue;
    const [bundle, event] = read;
    const before = newest.get(bundle);
    if (before === undefined || before.at <= event.at) {
      newest.set(bundle, event);
    }
  }
  return new Map([...newest].filter(([, { reason }]) => reason !== "Applied"));
}

/** Undefined for an Event that is not a spoke's, or not about an application. */
function readEvent(
  object: KubeObject,
): readonly [BundleName, BundleEvent] | undefined {
  const { source, involvedObject, reason, message, lastTimestamp } = object;
  if (!isJsonObject(source) || source["component"] !== eventSource) {
    return undefined;
  }
  if (!isJsonObject(involvedObject)) return undefined;
  const { fieldPath: bundle } = involvedObject;
  if (typeof bundle !== "string" || typeof reason !== "string") {
    return undefined;
  }
  if (typeof message !== "string" || typeof lastTimestamp !== "string") {
    return undefined;
  }
  if (!reasons.has(reason)) return undefined;
  const start = `${bundle}: `;
  const words = message.startsWith(start)
    ? message.slice(start.length)
    : message;
  return [bundle, { reason, message: words, at: lastTimestamp }];
}
