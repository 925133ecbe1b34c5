import { cloneJson, isObject, type Json, type JsonObject } from "../json.ts";

/** A JSON merge patch: null removes, objects merge, all else replaces. Neither argument is changed. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return cloneJson(patch);
  const made: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete made[key];
    else made[key] = applyMergePatch(made[key], value);
  }
  return made;
}
