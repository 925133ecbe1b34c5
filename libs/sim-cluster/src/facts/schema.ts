import { facts } from "./facts.ts";

/** Kinds of scalar: string, integer, number, boolean, quantity, int-or-string, time, bytes. */
export type ScalarType = "s" | "i" | "n" | "b" | "q" | "x" | "t" | "d";

/** One named field of a struct. */
export interface Field {
  readonly schema: Schema;
  readonly required: boolean;
  /** Written as an empty object where nothing was given, as Go writes a struct. */
  readonly zeroStruct: boolean;
  /** Strategic merge: key of list items, "+" for a list of scalars. */
  readonly mergeKey?: string;
  /** Stands in for the field where it is a list key and missing. */
  readonly keyDefault?: string;
}

/** A map or a struct: known fields, and what every other key holds (undefined: none allowed). */
export interface MapSchema {
  readonly kind: "map";
  readonly name: string;
  readonly atomic: boolean;
  readonly fields: ReadonlyMap<string, Field>;
  readonly element: Schema | undefined;
}

/** A list: replaced whole, a set of scalars, or a map by the named keys of its items. */
export interface ListSchema {
  readonly kind: "list";
  readonly list: "atomic" | "set" | "map";
  readonly keys: readonly string[];
  readonly element: Schema;
}

/** How a value is merged and checked; `any` is deduced from the value itself. */
export type Schema =
  | { readonly kind: "scalar"; readonly type: ScalarType }
  | { readonly kind: "any" }
  | MapSchema
  | ListSchema;

/** A value of which nothing is declared. */
export const anySchema: Schema = { kind: "any" };

/** A map of anything, as an untyped object is merged. */
export const deducedMap: MapSchema = {
  kind: "map",
  name: "",
  atomic: false,
  fields: new Map(),
  element: anySchema,
};

/** A list of anything, as an untyped list is merged. */
export const deducedList: ListSchema = {
  kind: "list",
  list: "atomic",
  keys: [],
  element: anySchema,
};

const scalars = new Map(
  (["s", "i", "n", "b", "q", "x", "t", "d"] as const).map((type) => [
    type as string,
    { kind: "scalar", type } as Schema,
  ]),
);

const structs = new Map<string, MapSchema>();

/** The schema of a built-in type; throws for a name that the table lacks. */
export function builtInSchema(name: string): MapSchema {
  const known = structs.get(name);
  if (known !== undefined) return known;
  const type = facts.types[name];
  if (type === undefined) throw new Error(`${name}: not in the table of facts`);
  const fields = new Map<string, Field>();
  const schema: MapSchema = {
    kind: "map",
    name,
    atomic: type.atomic === true,
    fields,
    element: undefined,
  };
  // Registered before its fields are read: types may refer to themselves.
  structs.set(name, schema);
  for (const [field, text] of Object.entries(type.fields))
    fields.set(field, parseField(text));
  return schema;
}

function parseField(text: string): Field {
  const match = /^(!?)(~?)(?:<([^>]*)>)?(?:\(([^)]*)\))?(.*)$/.exec(text);
  const [, required, zero, mergeKey, keyDefault, shape] = match ?? [];
  return {
    schema: parseShape(shape ?? "*"),
    required: required === "!",
    zeroStruct: zero === "~",
    ...(mergeKey === undefined ? {} : { mergeKey }),
    ...(keyDefault === undefined ? {} : { keyDefault }),
  };
}

function parseShape(shape: string): Schema {
  const scalar = scalars.get(shape);
  if (scalar !== undefined) return scalar;
  if (shape === "*") return anySchema;
  if (shape.startsWith("@")) return builtInSchema(shape.slice(1));
  const map = /^\{(a?)\}(.*)$/.exec(shape);
  if (map !== null)
    return {
      ...deducedMap,
      atomic: map[1] === "a",
      element: parseShape(map[2] ?? "*"),
    };
  const list = /^\[(a|s|m:([^\]]*))\](.*)$/.exec(shape);
  if (list === null) throw new Error(`${shape}: no shape of the table`);
  const keys = list[2]?.split(",") ?? [];
  return {
    kind: "list",
    list: keys.length > 0 ? "map" : list[1] === "s" ? "set" : "atomic",
    keys,
    element: parseShape(list[3] ?? "*"),
  };
}
