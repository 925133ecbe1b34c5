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

function scalarProblems(
  type: string,
  value: Json,
  path: readonly string[],
): string[] {
  if (type === "q" || type === "x") {
    return typeof value === "object"
      ? at(path, `expected scalar, got ${printGo(value)}`)
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
  return at(path, `expected ${article}, got ${printGo(value)}`);
}

const printGo = (value: Json) =>
  `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;

function mapProblems(
  schema: MapSchema,
  value: Json,
  path: readonly string[],
): string[] {
  if (!isObject(value)) return at(path, `expected map, got ${printGo(value)}`);
  // One undeclared field ends the search of a map, as on the real server.
  const undeclared = Object.keys(value).find(
    (key) => !schema.fields.has(key) && schema.element === undefined,
  );
  if (undeclared !== undefined)
    return at([...path, `f:${undeclared}`], "field not declared in schema");
  return Object.entries(value).flatMap(([key, item]) =>
    findTypedProblems(elementSchema(schema, key), item, [...path, `f:${key}`]),
  );
}

function listProblems(
  schema: ListSchema,
  value: Json,
  path: readonly string[],
): string[] {
  if (!Array.isArray(value))
    return at(path, `expected list, got ${printGo(value)}`);
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const element = itemElement(schema, item, index);
    if (seen.has(element))
      return at(path, `duplicate entries for key ${printPath([element])}`);
    seen.add(element);
    return findTypedProblems(schema.element, item, [...path, element]);
  });
}
