import { createHash } from "node:crypto";
import {
  type Json,
  type JsonObject,
  type KubeObject,
  canonicalJson,
} from "@wheelhouse/kube-object";

/** What the server writes by itself, and what moves without anybody changing the object. */
const movingMetadata = new Set([
  "managedFields",
  "resourceVersion",
  "generation",
  "selfLink",
]);

const digests = new WeakMap<KubeObject, string>();

/**
 * A short digest over what somebody could have changed in a live object:
 * everything but its status and what the server counts by itself. Equal
 * digests mean that a verified object needs no second look.
 */
export function contentDigest(live: KubeObject): string {
  const known = digests.get(live);
  if (known !== undefined) return known;
  const digest = shortDigestOf({
    ...without(live, new Set(["status"])),
    metadata: without(live.metadata, movingMetadata),
  });
  digests.set(live, digest);
  return digest;
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

function without(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([key]) => !keys.has(key)),
  );
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

/** An object's generation, or 0 for a kind that counts none. */
export function generationOf(object: KubeObject): number {
  const { generation } = object.metadata;
  return typeof generation === "number" ? generation : 0;
}

/** Whether an object is on its way out. */
export function isTerminating(object: KubeObject): boolean {
  return typeof object.metadata["deletionTimestamp"] === "string";
}
