import { createHash } from "node:crypto";
import {
  type Json,
  type KubeObject,
  canonicalJson,
  isJsonObject,
} from "@wheelhouse/kube-object";

/**
 * A short digest over what somebody could have changed of what we apply: equal
 * digests mean that a verified object needs no second look. The server counts
 * changes for us: in the generation where a kind has one, else in the
 * resourceVersion. Metadata counts only where we say something in it, so that
 * a controller's own annotations are no news.
 */
export function contentDigest(desired: KubeObject, live: KubeObject): string {
  const { metadata } = live;
  const generation = metadata["generation"] ?? null;
  return shortDigestOf({
    uid: metadata["uid"] ?? null,
    generation,
    resourceVersion:
      generation === null ? (metadata["resourceVersion"] ?? null) : null,
    deletionTimestamp: metadata["deletionTimestamp"] ?? null,
    labels: sameKeys(desired.metadata["labels"], metadata["labels"]),
    annotations: sameKeys(
      desired.metadata["annotations"],
      metadata["annotations"],
    ),
    finalizers: sameField("finalizers", desired, live),
    ownerReferences: sameField("ownerReferences", desired, live),
  });
}

function sameKeys(wanted: Json | undefined, found: Json | undefined): Json {
  if (!isJsonObject(wanted)) return null;
  const values = isJsonObject(found) ? found : {};
  return Object.fromEntries(
    Object.keys(wanted).map((key) => [key, values[key] ?? null]),
  );
}

function sameField(name: string, desired: KubeObject, live: KubeObject): Json {
  return desired.metadata[name] === undefined
    ? null
    : (live.metadata[name] ?? null);
}

/** A short digest over an object as we apply it. */
export function desiredDigest(object: KubeObject): string {
  return shortDigestOf(object);
}

/** 128 bits are enough to tell changes apart; nobody gains by making two equal. */
function shortDigestOf(value: Json): string {
  const text = canonicalJson(value);
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** An object's uid, or undefined where it has none yet. */
export function uidOf(object: KubeObject): string | undefined {
  const { uid } = object.metadata;
  return typeof uid === "string" ? uid : undefined;
}

/** An object's resourceVersion; empty where it has none. */
export function resourceVersionOf(object: KubeObject): string {
  const { resourceVersion } = object.metadata;
  return typeof resourceVersion === "string" ? resourceVersion : "";
}

/** Whether an object is on its way out. */
export function isTerminating(object: KubeObject): boolean {
  return typeof object.metadata["deletionTimestamp"] === "string";
}
