import { createHash } from "node:crypto";
import { type Json, canonicalJson } from "@wheelhouse/kube-object";

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`;

/** The digest of bytes as they are sent, or of a text's UTF-8. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The digest of a value's canonical JSON. */
export function digestOfJson(value: Json): Digest {
  return digestOf(canonicalJson(value));
}

/** Whether a text has the form of a digest. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && /^sha256:[0-9a-f]{64}$/.test(text);
}

/** The first eight hex digits: how a person sees a digest. */
export function shortDigest(digest: Digest): string {
  return digest.slice("sha256:".length, "sha256:".length + 8);
}

/** The 32 bytes of a digest. */
export function digestBytes(digest: Digest): Uint8Array {
  return Buffer.from(digest.slice("sha256:".length), "hex");
}
