import { createHash } from "node:crypto";
import {
  type Json,
  type JsonObject,
  type KubeObject,
  canonicalJson,
  compareBytewise,
  isJsonObject,
  parseJson,
  spokeNamespace,
} from "@wheelhouse/kube-object";

/** The only format that this code writes; it reads no newer one. */
const recordFormat = "1";

/** How one kind of record is read and written. */
export interface RecordCodec<T> {
  /** Undefined where the value is no such record. */
  readonly parse: (value: Json) => T | undefined;
  readonly encode: (record: T) => Json;
}

/** What a shard's ConfigMap held. */
export type ShardContent<T> =
  | { readonly kind: "known"; readonly records: ReadonlyMap<string, T> }
  /** Cannot be trusted as complete; what could not be read is kept for a person to see. */
  | {
      readonly kind: "unknown";
      readonly records: ReadonlyMap<string, T>;
      readonly unreadable: string;
    }
  /** Written by a newer version: neither read nor written. */
  | { readonly kind: "newer"; readonly format: string };

/** The name of one shard's ConfigMap, such as `wheelhouse-inventory-03`. */
export function shardName(prefix: string, index: number): string {
  return `${prefix}-${String(index).padStart(2, "0")}`;
}

/** Which shard a key lives in. */
export function shardOf(key: string, shards: number): number {
  return createHash("sha256").update(key).digest().readUInt32BE(0) % shards;
}

/** Makes a shard's ConfigMap. `unreadable` stays beside the records until a person removes it. */
export function encodeShard<T extends object>(
  name: string,
  content: {
    readonly records: ReadonlyMap<string, T>;
    readonly unreadable: string | undefined;
    readonly resourceVersion: string | undefined;
  },
  codec: RecordCodec<T>,
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      namespace: spokeNamespace,
      labels: { "app.kubernetes.io/managed-by": "wheelhouse" },
      ...(content.resourceVersion === undefined
        ? {}
        : { resourceVersion: content.resourceVersion }),
    },
    data: {
      format: recordFormat,
      records: recordsText(content.records, codec),
      ...(content.unreadable === undefined
        ? {}
        : { unreadable: content.unreadable }),
    },
  };
}

/** The canonical JSON of records by key. Of hundreds of records a write changes a few, so each one's own text is made once. */
function recordsText<T extends object>(
  records: ReadonlyMap<string, T>,
  codec: RecordCodec<T>,
): string {
  const fields = [...records]
    .sort(([a], [b]) => compareBytewise(a, b))
    .map(([key, record]) => `${JSON.stringify(key)}:${textOf(record, codec)}`);
  return `{${fields.join(",")}}`;
}

const texts = new WeakMap<object, string>();

function textOf<T extends object>(record: T, codec: RecordCodec<T>): string {
  const known = texts.get(record);
  if (known !== undefined) return known;
  const text = canonicalJson(codec.encode(record));
  texts.set(record, text);
  return text;
}

/** Reads a shard's ConfigMap. Nothing that it holds makes this throw. */
export function decodeShard<T>(
  object: KubeObject,
  codec: RecordCodec<T>,
): ShardContent<T> {
  const data: JsonObject = isJsonObject(object["data"]) ? object["data"] : {};
  const format = data["format"];
  if (typeof format === "string" && format !== recordFormat) {
    return { kind: "newer", format };
  }
  const records = parseRecords(data["records"], codec);
  const unreadable = data["unreadable"];
  if (records === undefined) {
    const text = canonicalJson(data).slice(0, 262_144);
    return { kind: "unknown", records: new Map(), unreadable: text };
  }
  return typeof unreadable === "string"
    ? { kind: "unknown", records, unreadable }
    : { kind: "known", records };
}

function parseRecords<T>(
  text: Json | undefined,
  codec: RecordCodec<T>,
): ReadonlyMap<string, T> | undefined {
  const value = parseText(text);
  if (!isJsonObject(value)) return undefined;
  const records = new Map<string, T>();
  for (const [key, item] of Object.entries(value)) {
    const record = codec.parse(item);
    if (record === undefined) return undefined;
    records.set(key, record);
  }
  return records;
}

function parseText(text: Json | undefined): Json | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
