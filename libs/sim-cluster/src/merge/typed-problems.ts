import {
  type ListSchema,
  type MapSchema,
  type Schema,
} from "../facts/schema.ts";
import { isObject, type Json } from "../json.ts";
import { printPath } from "./field-set.ts";
import { elementSchema, itemElement } from "./typed-value.ts";

/** What keeps a configuration from being applied: undeclared fields, wrong shapes, repeated keys. */
export function findTypedProblems(
  schema: Schema,
  value: Json,
  path: readonly string[] = [],
): string[] {
  if (value === null || schema.kind === "any") return [];
  if (schema.kind === "map") return mapProblems(schema, value, path);
  if (schema.kind === "list") return listProblems(schema, value, path);
  return scalarProblems(schema.type, value, path);
}

const at = (path: readonly string[], text: string) => [
  `${printPath(path)}: ${text}`,
];

const typeName = (value: Json) =>
  Array.isArray(value)
    ? "[]interface {}"
    : isObject(value)
      ? "map[string]interface {}"
      : typeof value;

function scalarProblems(
  type: string,
  value: Json,
  path: readonly string[],
): string[] {
  if (type === "q" || type === "x") {
    return typeof value === "object"
      ? at(
          path,
          `expected scalar, got &value.valueUnstructured{Value:${typeName(value)}}`,
        )
      : [];
  }
  const wanted = { i: "numeric", n: "numeric", b: "boolean" }[type] ?? "string";
  const fits = {
    numeric: typeof value === "number",
    boolean: typeof value === "boolean",
    string: typeof value === "string",
  }[wanted];
  if (fits === true) return [];
  const article = wanted === "numeric" ? "numeric (int or float)" : wanted;
  return at(path, `expected ${article}, got &{${printGo(value)}}`);
}

const printGo = (value: Json) =>
  typeof value === "object" ? JSON.stringify(value) : String(value);

function mapProblems(
  schema: MapSchema,
  value: Json,
  path: readonly string[],
): string[] {
  if (!isObject(value))
    return at(path, `expected map, got &{${printGo(value)}}`);
  return Object.entries(value).flatMap(([key, item]) => {
    const below = [...path, `f:${key}`];
    if (!schema.fields.has(key) && schema.element === undefined)
      return at(below, "field not declared in schema");
    return findTypedProblems(elementSchema(schema, key), item, below);
  });
}

function listProblems(
  schema: ListSchema,
  value: Json,
  path: readonly string[],
): string[] {
  if (!Array.isArray(value))
    return at(path, `expected list, got &{${printGo(value)}}`);
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const element = itemElement(schema, item, index);
    if (seen.has(element))
      return at(path, `duplicate entries for key ${printPath([element])}`);
    seen.add(element);
    return findTypedProblems(schema.element, item, [...path, element]);
  });
}
