import { isObject, type Json, type JsonObject } from "../json.ts";
import { type PrinterColumn } from "../resource.ts";
import { ageOf } from "./age.ts";
import { type Column } from "./columns.ts";

/** Columns of a custom resource: those of its definition, or its age. */
export function customColumns(columns: readonly PrinterColumn[]): Column[] {
  const listed =
    columns.length > 0
      ? columns
      : [
          {
            name: "Age",
            type: "date",
            jsonPath: ".metadata.creationTimestamp",
            priority: 0,
            description: "",
          },
        ];
  return listed.map(({ jsonPath, ...column }) => ({
    ...column,
    cell: (object, now) =>
      cellOf(column.type, readJsonPath(object, jsonPath), now),
  }));
}

function cellOf(type: string, value: Json | undefined, now: number): Json {
  if (value === undefined || value === null) return null;
  if (type === "date") return ageOf(String(value), now);
  if (type === "integer" || type === "number" || type === "boolean")
    return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Reads the simple JSON paths that definitions use: fields, indexes, and equality filters. */
export function readJsonPath(
  object: JsonObject,
  path: string,
): Json | undefined {
  const parts = path.match(/\['[^']*'\]|\[[^\]]*\]|(?:\\.|[^.[\]\\])+/g) ?? [];
  let at: Json | undefined = object;
  for (const part of parts) at = step(at, part);
  return at;
}

function step(at: Json | undefined, part: string): Json | undefined {
  const quoted = /^\['(.*)'\]$/.exec(part);
  if (quoted !== null) return isObject(at) ? at[quoted[1] ?? ""] : undefined;
  const filter = /^\[\?\(@\.(\w+)\s*==\s*["']([^"']*)["']\)\]$/.exec(part);
  if (filter !== null)
    return Array.isArray(at)
      ? at.find((each) => isObject(each) && each[filter[1] ?? ""] === filter[2])
      : undefined;
  const index = /^\[(-?\d+|\*)\]$/.exec(part);
  if (index !== null)
    return Array.isArray(at)
      ? at.at(index[1] === "*" ? 0 : Number(index[1]))
      : undefined;
  return isObject(at) ? at[part.replaceAll("\\.", ".")] : undefined;
}
