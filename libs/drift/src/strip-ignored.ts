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
import { inferListKeys, isKeyValue, keyStepOf } from "./list-keys.ts";
import { listTypeAt } from "./managed-fields.ts";

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
  for (const path of coveredPaths(object, live, rules)) {
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
  live: KubeObject,
  rules: readonly IgnoreRule[],
): readonly FieldPath[] {
  return rules
    .filter((rule) => matchesIgnoreTarget(rule.target, object))
    .flatMap((rule) => rule.paths)
    .flatMap((pointer) => expandPointer(object, pointer, live))
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

/**
 * The places of an object that a JSON Pointer names; `*` stands for every item
 * of a list or value of an object. What tells the items of a list apart is
 * taken from the managedFields of the live object, else from the field's name.
 */
export function expandPointer(
  root: Json,
  pointer: string,
  live: JsonObject = {},
): readonly FieldPath[] {
  if (!pointer.startsWith("/")) return [];
  let places: readonly (readonly [FieldPath, Json])[] = [[[], root]];
  for (const part of pointer.slice(1).split("/")) {
    const token = part.replaceAll("~1", "/").replaceAll("~0", "~");
    places = places.flatMap(([path, value]) =>
      stepsInto(path, value, token, live),
    );
  }
  return places.map(([path]) => path);
}

function stepsInto(
  path: FieldPath,
  value: Json,
  token: string,
  live: JsonObject,
): readonly (readonly [FieldPath, Json])[] {
  if (isJsonObject(value)) {
    return Object.entries(value)
      .filter(([name]) => token === "*" || name === token)
      .map(([name, child]) => [[...path, { kind: "field", name }], child]);
  }
  if (!isJsonList(value)) return [];
  const last = path.at(-1);
  const field = last?.kind === "field" ? last.name : "";
  const type = listTypeAt(live, path);
  const keys = type?.keys ?? inferListKeys(field, value);
  return value.flatMap((item, index) => {
    if (token !== "*" && token !== String(index)) return [];
    const step = itemStep(item, { keys, isSet: type?.isSet === true });
    return [[[...path, step ?? { kind: "index", index }], item] as const];
  });
}

/** What names an item wherever it stands; undefined where its place alone does. */
function itemStep(
  item: Json,
  {
    keys,
    isSet,
  }: { readonly keys: readonly string[] | undefined; readonly isSet: boolean },
): FieldStep | undefined {
  if (isSet && isKeyValue(item)) return { kind: "value", value: item };
  if (keys === undefined || !isJsonObject(item)) return undefined;
  // The server fills in a key that has a default, such as the protocol of a port.
  const given = keys.filter((key) => Object.hasOwn(item, key));
  return given.length === 0 ? undefined : keyStepOf(given, item);
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
