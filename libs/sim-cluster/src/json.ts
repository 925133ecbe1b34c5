/** A JSON value as the server reads and writes it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object; a missing key reads as undefined. */
export interface JsonObject {
  [key: string]: Json;
}

/** Whether a value is a JSON object (not an array, not null). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object under a key, or an empty one that is not attached. */
export function objectAt(
  owner: JsonObject | undefined,
  key: string,
): JsonObject {
  const value = owner?.[key];
  return isObject(value) ? value : {};
}

/** The object under a key, attached when it was missing. */
export function ensureObject(owner: JsonObject, key: string): JsonObject {
  const value = owner[key];
  if (isObject(value)) return value;
  const made: JsonObject = {};
  owner[key] = made;
  return made;
}

/** The list under a key, or an empty one that is not attached. */
export function listAt(owner: JsonObject | undefined, key: string): Json[] {
  const value = owner?.[key];
  return Array.isArray(value) ? value : [];
}

/** The string under a key, or "". */
export function stringAt(owner: JsonObject | undefined, key: string): string {
  const value = owner?.[key];
  return typeof value === "string" ? value : "";
}

/** The number under a key, or the fallback. */
export function numberAt(
  owner: JsonObject | undefined,
  key: string,
  fallback: number,
): number {
  const value = owner?.[key];
  return typeof value === "number" ? value : fallback;
}

/** A deep copy that shares nothing with its source. */
export function cloneJson<T extends Json>(value: T): T {
  return copy(value) as T;
}

function copy(value: Json): Json {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  const made: JsonObject = {};
  for (const key of Object.keys(value)) made[key] = copy(value[key] ?? null);
  return made;
}

/** Deep equality; the order of keys does not matter, the order of items does. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => equalJson(item, b[index]))
    );
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && equalJson(a[key], b[key]))
  );
}
