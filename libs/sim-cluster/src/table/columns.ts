import { type Json, type JsonObject, objectAt, stringAt } from "../json.ts";
import { type Resource } from "../resource.ts";
import { ageOf } from "./age.ts";
import { builtInColumns } from "./built-in-columns.ts";
import { customColumns } from "./custom-columns.ts";

/** One column of a kind's table. */
export interface Column {
  readonly name: string;
  readonly type?: string;
  /** 1 for columns that only `-o wide` shows. */
  readonly priority?: number;
  readonly description?: string;
  readonly cell: (object: JsonObject, now: number) => Json;
}

/** The object's name. */
export const nameColumn: Column = {
  name: "Name",
  cell: (object) => stringAt(objectAt(object, "metadata"), "name"),
};

/** Time since the object was made. */
export const ageColumn: Column = {
  name: "Age",
  cell: (object, now) =>
    ageOf(stringAt(objectAt(object, "metadata"), "creationTimestamp"), now),
};

/** The columns of a resource's table. */
export function columnsOf(resource: Resource): readonly Column[] {
  if (resource.custom !== undefined)
    return [nameColumn, ...customColumns(resource.custom.columns)];
  const own = builtInColumns[resource.type ?? ""];
  return own === undefined
    ? [nameColumn, ageColumn]
    : own.some((column) => column.name === "Name")
      ? own
      : [nameColumn, ...own];
}
