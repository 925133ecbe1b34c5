import { type Hash, createHash, timingSafeEqual } from "node:crypto";
import { type Json, parseJson } from "@wheelhouse/kube-object";
import {
  type Node,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
} from "yaml";
import { decryptLeaf } from "./decrypted-tree.ts";
import { type SopsMetadata } from "./sops-metadata.ts";
import { SopsFault, decryptValue } from "./sops-value.ts";

/**
 * Whether a document that stands as SOPS wrote it has its MAC: over all of its
 * values in the order in which they are written, so that none was changed,
 * added or taken away. Throws `SopsFault` where a value cannot be decrypted.
 */
export function hasItsMac(
  text: string,
  metadata: SopsMetadata,
  dataKey: Uint8Array,
): boolean {
  // JavaScript sorts keys that are numbers: only the syntax tree has the order.
  const document = parseDocument(text, { version: "1.2", uniqueKeys: false });
  const hash = createHash("sha512");
  if (metadata.macOnlyEncrypted) {
    hash.update(createHash("sha256").update("sops").digest());
  }
  addNode(document.contents, [], { metadata, dataKey, hash });
  const found = hash.digest("hex").toUpperCase();
  const wanted = decryptValue(metadata.mac, dataKey, metadata.lastModified);
  return typeof wanted === "string" && isSame(wanted, found);
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

interface Walk {
  readonly metadata: SopsMetadata;
  readonly dataKey: Uint8Array;
  readonly hash: Hash;
}

function addNode(node: unknown, path: readonly string[], walk: Walk): void {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : "";
      if (path.length > 0 || name !== "sops") {
        addNode(value, [...path, name], walk);
      }
    }
  } else if (isSeq(node)) {
    for (const item of node.items) addNode(item, path, walk);
  } else if (isScalar(node)) {
    addValue(node as Node & { value: unknown }, path, walk);
  } else if (isAlias(node)) {
    throw new SopsFault("has an alias, of which SOPS knows nothing");
  }
}

function addValue(
  node: { readonly value: unknown; readonly source?: string },
  path: readonly string[],
  { metadata, dataKey, hash }: Walk,
): void {
  if (node.value === null) return;
  const isEncrypted = metadata.isEncrypted(path);
  const value = isEncrypted
    ? decryptLeaf(node.value as Json, path, dataKey)
    : scalarOf(node);
  if (isEncrypted || !metadata.macOnlyEncrypted) hash.update(bytesOf(value));
}

/** A plain value as SOPS reads it: octal and underscores as in YAML 1.1. */
function scalarOf({
  value,
  source,
}: {
  readonly value: unknown;
  readonly source?: string;
}): Json {
  const isText = typeof value === "string";
  if (source === undefined || isText || typeof value !== "number") {
    return value as Json;
  }
  return /^[-+]?0[0-7]+$/.test(source)
    ? Number.parseInt(source, 8)
    : exact(source, value);
}

/** Integers keep all of their digits. */
function exact(source: string, value: number): Json {
  return /^-?\d+$/.test(source) ? parseJson(source) : value;
}

/** As Go's SOPS writes a value for its hash. */
function bytesOf(value: Json): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}
