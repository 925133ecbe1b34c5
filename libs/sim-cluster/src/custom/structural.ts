import {
  anySchema,
  type Field,
  type MapSchema,
  type Schema,
} from "../facts/schema.ts";
import { builtInSchema } from "../facts/schema.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";

/** How a custom resource merges: its structural schema, with the server's own metadata. */
export function customSchema(openApi: JsonObject, name: string): MapSchema {
  const root = structural(openApi, name);
  const base: MapSchema =
    root.kind === "map"
      ? root
      : {
          kind: "map",
          name,
          atomic: false,
          fields: new Map(),
          element: anySchema,
        };
  const fields = new Map(base.fields);
  const text: Field = field({ kind: "scalar", type: "s" });
  fields.set("apiVersion", text);
  fields.set("kind", text);
  fields.set("metadata", field(builtInSchema("meta.v1.ObjectMeta")));
  return { ...base, fields };
}

const field = (schema: Schema): Field => ({
  schema,
  required: false,
  zeroStruct: false,
});

const scalarTypes: Readonly<Record<string, "s" | "i" | "n" | "b">> = {
  string: "s",
  integer: "i",
  number: "n",
  boolean: "b",
};

function structural(openApi: JsonObject, name: string): Schema {
  if (openApi["x-kubernetes-int-or-string"] === true)
    return { kind: "scalar", type: "x" };
  const type = stringAt(openApi, "type");
  if (type === "array") return structuralList(openApi, name);
  if (type === "object" || isObject(openApi["properties"]))
    return structuralMap(openApi, name);
  const scalar = scalarTypes[type];
  return scalar === undefined ? anySchema : { kind: "scalar", type: scalar };
}

function structuralList(openApi: JsonObject, name: string): Schema {
  const kind = stringAt(openApi, "x-kubernetes-list-type");
  const keys = listAt(openApi, "x-kubernetes-list-map-keys").map(String);
  return {
    kind: "list",
    list: kind === "map" ? "map" : kind === "set" ? "set" : "atomic",
    keys,
    element: structural(objectAt(openApi, "items"), name),
  };
}

function structuralMap(openApi: JsonObject, name: string): Schema {
  const atomic = openApi["x-kubernetes-map-type"] === "atomic";
  const fields = new Map<string, Field>();
  for (const [key, value] of Object.entries(objectAt(openApi, "properties"))) {
    if (!isObject(value)) continue;
    const keyDefault = value["default"];
    fields.set(key, {
      ...field(structural(value, name)),
      ...(typeof keyDefault === "string" ? { keyDefault } : {}),
    });
  }
  const additional = openApi["additionalProperties"];
  const open =
    openApi["x-kubernetes-preserve-unknown-fields"] === true ||
    additional === true;
  const element = isObject(additional)
    ? structural(additional, name)
    : open
      ? anySchema
      : undefined;
  return { kind: "map", name, atomic, fields, element };
}

/** Fills in the schema's defaults in place. */
export function defaultCustom(openApi: JsonObject, value: Json): void {
  if (Array.isArray(value)) {
    const items = objectAt(openApi, "items");
    for (const item of value) defaultCustom(items, item);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, each] of Object.entries(objectAt(openApi, "properties"))) {
    if (!isObject(each)) continue;
    if (value[key] === undefined && each["default"] !== undefined)
      value[key] = structuredClone(each["default"]) ?? null;
    const item = value[key];
    if (item !== undefined) defaultCustom(each, item);
  }
  const additional = openApi["additionalProperties"];
  if (isObject(additional))
    for (const item of Object.values(value)) defaultCustom(additional, item);
}
