import {
  type Alias,
  type Node,
  type Pair,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
} from "yaml";
import { type Json, isJsonList, isJsonObject } from "@wheelhouse/kube-object";
import { type ProblemReason } from "./problem-reasons.ts";
import { type YamlLimits } from "./yaml-limits.ts";
import { resolvePlainScalar, resolveTaggedScalar } from "./yaml-scalar.ts";

/** Why a file cannot be read, and where; thrown only inside the reader. */
export class YamlFault extends Error {
  readonly reason: ProblemReason;
  readonly offset: number | undefined;

  constructor(reason: ProblemReason, message: string, offset?: number) {
    super(message);
    this.reason = reason;
    this.offset = offset;
  }
}

/** A value, and what it would take if every alias in it were written out. */
interface Sized {
  readonly value: Json;
  readonly size: number;
  /** Levels of lists and maps in it. */
  readonly height: number;
}

interface Reading {
  readonly limits: YamlLimits;
  readonly maxSize: number;
  /** Values by anchor as of now: an anchor may be redefined. `pending` while inside it. */
  readonly anchors: Map<string, Sized | "pending">;
  /** What aliases have added so far. */
  expanded: number;
  /** What is wrong and does not keep from reading on. */
  readonly faults: YamlFault[];
}

/** Faults that are told of one file; what is wrong beyond them comes with the next look. */
export const maxYamlFaults = 50;

/** A document's content, or all that is wrong with it, in the order in which it is read. */
export type NodeResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

const collectionTags = /^(!|tag:yaml\.org,2002:(map|seq))$/;

/** Turns a document's tree into JSON by Go's rules. Throws `YamlFault` for what passes a limit. */
export function readYamlNode(
  node: Node,
  length: number,
  limits: YamlLimits,
): NodeResult {
  const allowed = Math.max(
    length * limits.maxExpansion,
    limits.minExpansionBytes,
  );
  const reading: Reading = {
    limits,
    maxSize: Math.min(allowed, limits.maxExpansionBytes),
    anchors: new Map(),
    expanded: 0,
    faults: [],
  };
  const { value } = readNode(reading, node, 1);
  const { faults } = reading;
  return faults.length === 0 ? { ok: true, value } : { ok: false, faults };
}

function report({ faults }: Reading, fault: YamlFault): void {
  if (faults.length < maxYamlFaults) faults.push(fault);
}

function readNode(reading: Reading, node: unknown, depth: number): Sized {
  if (depth > reading.limits.maxDepth) {
    throw tooDeep(reading, node);
  }
  if (node === null || node === undefined)
    return { value: null, size: 1, height: 1 };
  if (isAlias(node)) return readAlias(reading, node, depth);
  const anchor =
    isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (anchor !== undefined) reading.anchors.set(anchor, "pending");
  const sized = readContent(reading, node, depth);
  if (anchor !== undefined) reading.anchors.set(anchor, sized);
  return sized;
}

function readContent(reading: Reading, node: unknown, depth: number): Sized {
  if (isScalar(node)) {
    const value = readScalar(reading, node);
    return {
      value,
      size: typeof value === "string" ? value.length + 1 : 8,
      height: 1,
    };
  }
  if (isMap(node) || isSeq(node)) {
    if (node.tag !== undefined && !collectionTags.test(node.tag)) {
      report(reading, faultAt(node, "UnknownTag", `unknown tag ${node.tag}`));
    }
  }
  if (isMap(node)) return readMap(reading, node.items, depth);
  if (!isSeq(node)) throw faultAt(node, "InvalidYaml", "cannot be read");
  const items = node.items.map((item) => readNode(reading, item, depth + 1));
  return {
    value: items.map(({ value }) => value),
    size: items.reduce((sum, { size }) => sum + size, 1),
    height: items.reduce((most, { height }) => Math.max(most, height), 0) + 1,
  };
}

function readAlias(reading: Reading, node: Alias, depth: number): Sized {
  const name = node.source;
  const target = reading.anchors.get(name);
  if (target === undefined) {
    report(reading, faultAt(node, "UnknownAlias", `unknown anchor *${name}`));
    return { value: null, size: 1, height: 1 };
  }
  if (target === "pending") {
    throw faultAt(node, "RecursiveAlias", `anchor &${name} contains itself`);
  }
  if (depth + target.height - 1 > reading.limits.maxDepth) {
    throw tooDeep(reading, node);
  }
  reading.expanded += target.size;
  if (reading.expanded > reading.maxSize) {
    throw faultAt(
      node,
      "AliasExpansion",
      `aliases expand to more than ${reading.maxSize} bytes`,
    );
  }
  return target;
}

function readScalar(
  reading: Reading,
  node: {
    readonly value?: unknown;
    readonly type?: string;
    readonly tag?: string;
  },
): Json {
  const text = String(node.value ?? "");
  if (node.tag === undefined && node.type !== "PLAIN") return text;
  const result =
    node.tag === undefined
      ? resolvePlainScalar(text)
      : resolveTaggedScalar(node.tag, text);
  if (result.ok) return result.value;
  report(reading, faultAt(node, "InvalidScalar", result.message));
  return text;
}

function readMap(
  reading: Reading,
  pairs: readonly unknown[],
  depth: number,
): Sized {
  const fields = new Map<string, Sized>();
  const own = new Set<string>();
  for (const pair of pairs) {
    if (!isPair(pair)) continue;
    if (isMergeKey(pair)) {
      mergeInto(fields, reading, pair, depth);
      continue;
    }
    const key = readKey(reading, pair, depth);
    if (own.has(key)) {
      const message = `duplicate key ${JSON.stringify(key)}`;
      report(reading, faultAt(pair.key, "DuplicateKey", message));
    }
    own.add(key);
    fields.set(key, readNode(reading, pair.value, depth + 1));
  }
  return mapOf(fields);
}

function mapOf(fields: ReadonlyMap<string, Sized>): Sized {
  const value = Object.create(null) as Record<string, Json>;
  let size = 2;
  let height = 0;
  for (const [key, sized] of fields) {
    value[key] = sized.value;
    size += key.length + sized.size;
    height = Math.max(height, sized.height);
  }
  return { value, size, height: height + 1 };
}

function isMergeKey({ key }: Pair): boolean {
  return (
    isScalar(key) &&
    key.value === "<<" &&
    (key.type === "PLAIN" || key.tag === "tag:yaml.org,2002:merge")
  );
}

/**
 * Puts a merge key's maps in where it stands, as Go does: it replaces what was
 * written before it, and what is written after it replaces its fields. Of a
 * list of maps the earlier ones win.
 */
function mergeInto(
  fields: Map<string, Sized>,
  reading: Reading,
  pair: Pair,
  depth: number,
): void {
  const { value, size, height } = readNode(reading, pair.value, depth + 1);
  const sources = isJsonList(value) ? [...value].reverse() : [value];
  for (const source of sources) {
    if (!isJsonObject(source)) {
      const message = "a merge key needs a map or a list of maps";
      report(reading, faultAt(pair.key, "InvalidMerge", message));
      continue;
    }
    const count = Object.keys(source).length;
    for (const [key, merged] of Object.entries(source)) {
      // A field's own share of the size is not known: an equal one stands for it.
      fields.set(key, { value: merged, size: Math.ceil(size / count), height });
    }
  }
}

function readKey(reading: Reading, { key }: Pair, depth: number): string {
  const { value } = readNode(reading, key, depth + 1);
  if (value === null || typeof value === "object") {
    const message = "a key must be text, a number or a boolean";
    report(reading, faultAt(key, "InvalidKey", message));
    return "";
  }
  const text = String(value);
  if (text.length > reading.limits.maxKeyLength) {
    throw faultAt(
      key,
      "KeyTooLong",
      `a key is longer than ${reading.limits.maxKeyLength} characters`,
    );
  }
  return text;
}

function tooDeep({ limits }: Reading, node: unknown): YamlFault {
  return faultAt(
    node,
    "TooDeep",
    `nested deeper than ${limits.maxDepth} levels`,
  );
}

function faultAt(
  node: unknown,
  reason: ProblemReason,
  message: string,
): YamlFault {
  const range =
    typeof node === "object" && node !== null && "range" in node
      ? (node.range as readonly [number] | null | undefined)
      : undefined;
  return new YamlFault(reason, message, range?.[0]);
}
