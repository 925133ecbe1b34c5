import { builtInSchema, type Schema } from "../facts/schema.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { normalizeObject, type Normalized } from "../kinds/normalize.ts";

/** Reads a custom object into its schema: undeclared fields go, metadata is read as the server's own, all else stays for validation. */
export function pruneCustom(schema: Schema, object: JsonObject): Normalized {
  const unknown: string[] = [];
  const { metadata, ...rest } = object;
  const read = normalizeObject(
    builtInSchema("meta.v1.ObjectMeta"),
    isObject(metadata) ? metadata : {},
  );
  const pruned = prune(schema, rest, "", unknown) as JsonObject;
  return {
    value: { ...pruned, metadata: read.value },
    unknown: [...read.unknown.map((path) => `metadata.${path}`), ...unknown],
    mismatch: read.mismatch,
  };
}

function prune(
  schema: Schema,
  value: Json,
  path: string,
  unknown: string[],
): Json {
  if (schema.kind === "list" && Array.isArray(value))
    return value.map((item, index) =>
      prune(schema.element, item, `${path}[${index}]`, unknown),
    );
  if (schema.kind !== "map" || !isObject(value)) return value;
  const made: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const below = path === "" ? key : `${path}.${key}`;
    const element = schema.fields.get(key)?.schema ?? schema.element;
    if (element === undefined) unknown.push(below);
    else made[key] = prune(element, item, below, unknown);
  }
  return made;
}
