import { type IgnoreRule } from "@wheelhouse/assignment";
import {
  type FieldPath,
  type FieldStep,
  type Json,
  type JsonObject,
  type KubeObject,
  isJsonList,
  isJsonObject,
  valueAt,
} from "@wheelhouse/kube-object";
import { isForeign, isOurs } from "./field-writer.ts";
import { matchesIgnoreTarget } from "./ignore-rules.ts";
import { inferListKeys, keyStepOf } from "./list-keys.ts";

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
  for (const path of coveredPaths(object, rules)) {
    const liveValue = valueAt(live, path);
    const keeps =
      liveValue !== undefined && isOurs(live, path) && !isForeign(live, path);
    result = replaceAt(
      result,
      path,
      keeps ? liveValue : undefined,
    ) as KubeObject;
  }
  return result;
}

/** The places of an object that rules cover, deepest items of a list last to first so that removal moves nothing. */
function coveredPaths(
  object: KubeObject,
  rules: readonly IgnoreRule[],
): readonly FieldPath[] {
  return rules
    .filter((rule) => matchesIgnoreTarget(rule.target, object))
    .flatMap((rule) => rule.paths)
    .flatMap((pointer) => expandPointer(object, pointer))
    .filter((path) => !isIdentity(path))
    .reverse();
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

/** The places of an object that a JSON Pointer names; `*` stands for every item of a list or value of an object. */
export function expandPointer(
  root: Json,
  pointer: string,
): readonly FieldPath[] {
  if (!pointer.startsWith("/")) return [];
  let places: readonly (readonly [FieldPath, Json])[] = [[[], root]];
  for (const part of pointer.slice(1).split("/")) {
    const token = part.replaceAll("~1", "/").replaceAll("~0", "~");
    places = places.flatMap(([path, value]) => stepsInto(path, value, token));
  }
  return places.map(([path]) => path);
}

function stepsInto(
  path: FieldPath,
  value: Json,
  token: string,
): readonly (readonly [FieldPath, Json])[] {
  if (isJsonObject(value)) {
    return Object.entries(value)
      .filter(([name]) => token === "*" || name === token)
      .map(([name, child]) => [[...path, { kind: "field", name }], child]);
  }
  if (!isJsonList(value)) return [];
  const last = path.at(-1);
  const keys = inferListKeys(last?.kind === "field" ? last.name : "", value);
  return value.flatMap((item, index) =>
    token === "*" || token === String(index)
      ? [[[...path, itemStep(keys, item, index)], item] as const]
      : [],
  );
}

function itemStep(
  keys: readonly string[] | undefined,
  item: Json,
  index: number,
): FieldStep {
  const step =
    keys !== undefined && isJsonObject(item)
      ? keyStepOf(keys, item)
      : undefined;
  return step ?? { kind: "index", index };
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
  if (isJsonList(value)) return replaceItem(value, inner, next);
  return isJsonObject(value) && step.kind === "field"
    ? replaceField(value, step.name, next)
    : value;
}

function replaceItem(
  list: readonly Json[],
  item: Json,
  next: Json | undefined,
): Json {
  const index = list.indexOf(item);
  return next === undefined
    ? list.toSpliced(index, 1)
    : list.toSpliced(index, 1, next);
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
