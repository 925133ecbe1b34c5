import { type Digest, digestBytes } from "@wheelhouse/assignment";
import { protocolLimits } from "./limits.ts";

/**
 * A field that a peer sent and that cannot be taken. It never leaves this
 * library: a codec catches it and returns a `malformed` message, so that a
 * decoder of forty fields need not check forty results.
 */
export class FieldProblem extends Error {}

/** A text within its bound. */
export function readText(
  value: string,
  field: string,
  max: number = protocolLimits.nameLength,
): string {
  if (value.length > max) {
    throw new FieldProblem(`${field}: longer than ${max} characters`);
  }
  return value;
}

/** A text for people within its bound. */
export function readMessage(value: string, field: string): string {
  return readText(value, field, protocolLimits.messageLength);
}

/** A count that JavaScript keeps exactly. */
export function readCount(value: bigint, field: string): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new FieldProblem(`${field}: beyond 2^53`);
  }
  return Number(value);
}

/** A digest from its 32 bytes. */
export function readDigest(value: Uint8Array, field: string): Digest {
  if (value.length !== 32) {
    throw new FieldProblem(`${field}: not 32 bytes`);
  }
  return `sha256:${Buffer.from(value).toString("hex")}`;
}

/** Bytes within their bound. */
export function readBytes(
  value: Uint8Array,
  field: string,
  max: number,
): Uint8Array {
  if (value.length > max) {
    throw new FieldProblem(`${field}: longer than ${max} bytes`);
  }
  return value;
}

/** A list within its bound, each item read. */
export function readList<In, Out>(
  values: readonly In[],
  field: string,
  max: number,
  read: (value: In) => Out,
): Out[] {
  if (values.length > max) {
    throw new FieldProblem(`${field}: more than ${max}`);
  }
  return values.map(read);
}

/** A message field that has to be there. */
export function readRequired<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new FieldProblem(`${field}: missing`);
  return value;
}

/** Cuts a text that only people read to its bound, and marks the cut. */
export function cutText(
  text: string,
  max: number = protocolLimits.messageLength,
): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** The 32 bytes of a digest, for a message. */
export function writeDigest(digest: Digest): Uint8Array<ArrayBuffer> {
  return writeBytes(digestBytes(digest));
}

/** Bytes as the generated messages want them: over a buffer that is not shared. */
export function writeBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}
