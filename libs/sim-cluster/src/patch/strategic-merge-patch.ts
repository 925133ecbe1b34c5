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
  const replaces = patch.some(
    (each) => isObject(each) && each["$patch"] === "replace",
  );
  const made = replaces ? [] : [...target];
  for (const item of patch) {
    if (!isObject(item) || item["$patch"] === "replace") continue;
    const index = made.findIndex(
      (each) => isObject(each) && each[mergeKey] === item[mergeKey],
    );
    if (item["$patch"] === "delete") {
      if (index >= 0) made.splice(index, 1);
    } else if (index >= 0)
      made[index] = applyStrategicPatch(element, made[index], item);
    else made.push(applyStrategicPatch(element, undefined, item));
  }
  return made;
}
