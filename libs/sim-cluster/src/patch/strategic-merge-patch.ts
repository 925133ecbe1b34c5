import { anySchema, type Schema } from "../facts/schema.ts";
import { cloneJson, isObject, type Json, type JsonObject } from "../json.ts";
import { elementSchema } from "../merge/typed-value.ts";

/** A strategic merge patch: lists merge by their merge key, `$patch`, `$retainKeys` and `$deleteFromPrimitiveList` are obeyed. */
export function applyStrategicPatch(
  schema: Schema,
  target: Json | undefined,
  patch: Json,
): Json {
  if (!isObject(patch)) return cloneJson(patch);
  if (patch["$patch"] === "replace") return withoutDirectives(patch);
  const made: JsonObject = isObject(target) ? { ...target } : {};
  retainKeys(made, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) directive(made, key, value);
    else if (value === null) delete made[key];
    else made[key] = mergeField(schema, key, made[key], value);
  }
  return made;
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(cloneJson(patch)).filter(([key]) => !key.startsWith("$")),
  );
}

function retainKeys(made: JsonObject, patch: JsonObject): void {
  const retained = patch["$retainKeys"];
  if (!Array.isArray(retained)) return;
  for (const key of Object.keys(made))
    if (!retained.includes(key)) delete made[key];
}

function directive(made: JsonObject, key: string, value: Json): void {
  const [name, field] = key.split("/");
  if (name !== "$deleteFromPrimitiveList" || field === undefined) return;
  const list = made[field];
  if (Array.isArray(list) && Array.isArray(value))
    made[field] = list.filter((each) => !value.includes(each));
}

function mergeField(
  schema: Schema,
  key: string,
  target: Json | undefined,
  patch: Json,
): Json {
  const field = schema.kind === "map" ? schema.fields.get(key) : undefined;
  const below = schema.kind === "map" ? elementSchema(schema, key) : anySchema;
  const mergeKey = field?.mergeKey;
  if (!Array.isArray(patch) || mergeKey === undefined)
    return applyStrategicPatch(below, target, patch);
  const list = Array.isArray(target) ? target : [];
  if (mergeKey === "+") return [...new Set([...list, ...patch])];
  const element = below.kind === "list" ? below.element : anySchema;
  return mergeList(element, mergeKey, list, patch);
}

function mergeList(
  element: Schema,
  mergeKey: string,
  target: Json[],
  patch: Json[],
): Json[] {
  const items = patch.filter(isObject);
  const keyOf = (each: Json) => (isObject(each) ? each[mergeKey] : undefined);
  const isDirective = (each: JsonObject, name: string) =>
    each["$patch"] === name;
  const replaces = items.some((each) => isDirective(each, "replace"));
  const live = replaces ? [] : target;
  const wanted = items.filter(
    (each) => !isDirective(each, "replace") && !isDirective(each, "delete"),
  );
  const named = new Set(items.map(keyOf));
  const untouched = live.filter((each) => !named.has(keyOf(each)));
  const merged = wanted.map((each) =>
    applyStrategicPatch(
      element,
      live.find((other) => keyOf(other) === keyOf(each)),
      each,
    ),
  );
  return interleave(untouched, merged, live.map(keyOf), keyOf);
}

/** Patched items in their order; an untouched one stays in front of a patched one that it stood in front of. */
function interleave(
  untouched: readonly Json[],
  merged: readonly Json[],
  order: readonly (Json | undefined)[],
  keyOf: (each: Json) => Json | undefined,
): Json[] {
  const out: Json[] = [];
  let next = 0;
  for (const item of merged) {
    const place = order.indexOf(keyOf(item));
    while (next < untouched.length && place >= 0) {
      const other = untouched[next] ?? null;
      if (order.indexOf(keyOf(other)) > place) break;
      out.push(other);
      next += 1;
    }
    out.push(item);
  }
  return [...out, ...untouched.slice(next)];
}
