import { type IgnoreRule } from "@wheelhouse/assignment";
import {
  type FieldPath,
  type FieldStep,
  type Json,
  type JsonObject,
  type KubeObject,
  compareBytewise,
  isJsonList,
  isJsonObject,
  valueAt,
} from "@wheelhouse/kube-object";
import { isForeign, isOurs } from "./field-writer.ts";
import { matchesIgnoreTarget } from "./ignore-rules.ts";
import {
  inferListKeys,
  isKeyValue,
  keyStepOf,
  serverStepOf,
} from "./list-keys.ts";
import { type ListType, listTypeAt } from "./managed-fields.ts";

/** Whether a rule with the empty path, which means the whole object, is about this one. */
export function isWhollyIgnored(
  object: KubeObject,
  rules: readonly IgnoreRule[],
): boolean {
  return rules.some(
    (rule) =>
      rule.paths.includes("") && matchesIgnoreTarget(rule.target, object),
  );
}

/**
 * The object as it is sent, where rules say that others own some fields.
 *
 * - Not there yet: as it is; somebody has to give the first value.
 * - Another manager owns a covered field, or nobody does: stripped.
 * - We alone own it: sent with the live value, since an apply without it
 *   would remove it. It is stripped once another manager owns it.
 */
export function stripIgnored(
  object: KubeObject,
  live: KubeObject | undefined,
  rules: readonly IgnoreRule[],
): KubeObject {
  if (live === undefined) return object;
  let result: KubeObject = object;
  for (const { at, path } of coveredPlaces(object, live, rules)) {
    const liveValue = valueAt(live, path);
    const keeps =
      liveValue !== undefined && isOurs(live, path) && !isForeign(live, path);
    result = replaceAt(result, at, keeps ? liveValue : undefined) as KubeObject;
  }
  return result;
}

/** A value of an object that is to be sent. */
export interface Place {
  /** Where it is in that object: list items by their index. */
  readonly at: FieldPath;
  /** The same as the server names it, wherever it stands live. */
  readonly path: FieldPath;
}

/** The places of an object that rules cover, each once, in an order in which a removal moves none that is still to come. */
function coveredPlaces(
  object: KubeObject,
  live: KubeObject,
  rules: readonly IgnoreRule[],
): readonly Place[] {
  return rules
    .filter((rule) => matchesIgnoreTarget(rule.target, object))
    .flatMap((rule) => rule.paths)
    .flatMap((pointer) => expandPointer(object, pointer, live))
    .filter(({ at }) => !isIdentity(at))
    .sort(laterFirst)
    .filter((place, index, all) => {
      const before = all[index - 1];
      return before === undefined || laterFirst(before, place) !== 0;
    });
}

/** Later items of a list before earlier ones, and what lies deeper before what it lies in. */
function laterFirst({ at: a }: Place, { at: b }: Place): number {
  for (const [depth, step] of a.entries()) {
    const other = b[depth];
    if (other === undefined) break;
    if (step.kind === "index" && other.kind === "index") {
      if (step.index !== other.index) return other.index - step.index;
    } else if (step.kind === "field" && other.kind === "field") {
      const order = compareBytewise(step.name, other.name);
      if (order !== 0) return order;
    }
  }
  return b.length - a.length;
}

function isIdentity(path: FieldPath): boolean {
  const [first, second] = path.map((step) =>
    step.kind === "field" ? step.name : "",
  );
  if (first === undefined || first === "apiVersion" || first === "kind") {
    return true;
  }
  return (
    first === "metadata" &&
    (second === undefined || second === "name" || second === "namespace")
  );
}

/**
 * The places of an object that a JSON Pointer names; `*` stands for every item
 * of a list or value of an object. What tells the items of a list apart is
 * taken from the managedFields of the live object, else from the field's name.
 */
export function expandPointer(
  root: Json,
  pointer: string,
  live: JsonObject = {},
): readonly Place[] {
  if (!pointer.startsWith("/")) return [];
  let found: readonly Found[] = [{ place: { at: [], path: [] }, value: root }];
  for (const part of pointer.slice(1).split("/")) {
    const token = part.replaceAll("~1", "/").replaceAll("~0", "~");
    found = found.flatMap((one) => stepsInto(one, token, live));
  }
  return found.map(({ place }) => place);
}

interface Found {
  readonly place: Place;
  readonly value: Json;
}

function stepsInto(
  { place: { at, path }, value }: Found,
  token: string,
  live: JsonObject,
): readonly Found[] {
  if (isJsonObject(value)) {
    return Object.entries(value)
      .filter(([name]) => token === "*" || name === token)
      .map(([name, child]) => {
        const step: FieldStep = { kind: "field", name };
        return {
          place: { at: [...at, step], path: [...path, step] },
          value: child,
        };
      });
  }
  if (!isJsonList(value)) return [];
  const last = path.at(-1);
  const field = last?.kind === "field" ? last.name : "";
  const type = listTypeAt(live, path);
  const inferred = type === undefined ? inferListKeys(field, value) : undefined;
  return value.flatMap((item, index) => {
    if (token !== "*" && token !== String(index)) return [];
    const place: FieldStep = { kind: "index", index };
    const step = itemStep(item, type, inferred) ?? place;
    return {
      place: { at: [...at, place], path: [...path, step] },
      value: item,
    };
  });
}

/** What names an item wherever it stands; undefined where its place alone does. */
function itemStep(
  item: Json,
  type: ListType | undefined,
  inferred: readonly string[] | undefined,
): FieldStep | undefined {
  if (type?.isSet === true && isKeyValue(item)) {
    return { kind: "value", value: item };
  }
  if (!isJsonObject(item)) return undefined;
  if (type?.keys !== undefined) return serverStepOf(type.keys, item);
  return inferred === undefined ? undefined : keyStepOf(inferred, item);
}

/** A copy with another value at a path, or without it where the value is undefined. */
function replaceAt(
  value: Json,
  path: FieldPath,
  replacement: Json | undefined,
): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const inner = valueAt(value, [step]);
  if (inner === undefined) return value;
  const next =
    rest.length === 0 ? replacement : replaceAt(inner, rest, replacement);
  if (isJsonList(value)) {
    const index = step.kind === "index" ? step.index : value.indexOf(inner);
    return next === undefined
      ? value.toSpliced(index, 1)
      : value.toSpliced(index, 1, next);
  }
  return isJsonObject(value) && step.kind === "field"
    ? replaceField(value, step.name, next)
    : value;
}

function replaceField(
  object: JsonObject,
  name: string,
  next: Json | undefined,
): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => {
      if (key !== name) return [[key, value]];
      return next === undefined ? [] : [[key, next]];
    }),
  );
}
