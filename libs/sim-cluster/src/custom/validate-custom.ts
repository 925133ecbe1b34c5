import {
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { type FieldProblem } from "../status-failure.ts";

/** What a custom object does not satisfy in its schema: types, required fields, enumerations, bounds, patterns. */
export function validateCustom(
  openApi: JsonObject,
  value: Json,
  path = "",
): FieldProblem[] {
  if (value === null && openApi["nullable"] === true) return [];
  const mismatch = typeProblem(openApi, value, path);
  if (mismatch !== undefined) return [mismatch];
  if (Array.isArray(value)) {
    const items = objectAt(openApi, "items");
    return value.flatMap((item, index) =>
      validateCustom(items, item, `${path}[${index}]`),
    );
  }
  if (isObject(value)) return objectProblems(openApi, value, path);
  return scalarProblems(openApi, value, path);
}

const nameOf = (value: Json) =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "array"
      : typeof value === "number"
        ? Number.isInteger(value)
          ? "integer"
          : "number"
        : typeof value;

function typeProblem(
  openApi: JsonObject,
  value: Json,
  path: string,
): FieldProblem | undefined {
  const wanted = stringAt(openApi, "type");
  const given = nameOf(value);
  if (wanted === "" || wanted === given) return undefined;
  if (wanted === "number" && given === "integer") return undefined;
  return {
    kind: "type",
    field: path === "" ? "<nil>" : path,
    value: given,
    detail: `${path} in body must be of type ${wanted}: "${given}"`,
  };
}

const below = (path: string, key: string) =>
  path === "" ? key : `${path}.${key}`;

function objectProblems(
  openApi: JsonObject,
  value: JsonObject,
  path: string,
): FieldProblem[] {
  const missing = listAt(openApi, "required")
    .map(String)
    .filter((key) => !(key in value))
    .map((key): FieldProblem => ({
      kind: "required",
      field: below(path, key),
      detail: "",
    }));
  const properties = objectAt(openApi, "properties");
  const additional = openApi["additionalProperties"];
  const deeper = Object.entries(value).flatMap(([key, item]) => {
    const schema = properties[key] ?? additional;
    return isObject(schema)
      ? validateCustom(schema, item, below(path, key))
      : [];
  });
  return [...missing, ...deeper];
}

function scalarProblems(
  openApi: JsonObject,
  value: Json,
  path: string,
): FieldProblem[] {
  const allowed = listAt(openApi, "enum");
  if (allowed.length > 0 && !allowed.includes(value)) {
    const values = allowed.map((each) => JSON.stringify(each)).join(", ");
    return [
      {
        kind: "unsupported",
        field: path,
        value,
        detail: `supported values: ${values}`,
      },
    ];
  }
  if (typeof value === "number") return boundProblems(openApi, value, path);
  const pattern = stringAt(openApi, "pattern");
  if (typeof value !== "string" || pattern === "") return [];
  if (new RegExp(pattern, "u").test(value)) return [];
  return [
    {
      kind: "invalid",
      field: path,
      value,
      detail: `${path} in body should match '${pattern}'`,
    },
  ];
}

function boundProblems(
  openApi: JsonObject,
  value: number,
  path: string,
): FieldProblem[] {
  const { minimum, maximum } = openApi;
  const refuse = (word: string, bound: Json): FieldProblem[] => [
    {
      kind: "invalid",
      field: path,
      value,
      detail: `${path} in body should be ${word} than or equal to ${String(bound)}`,
    },
  ];
  if (typeof minimum === "number" && value < minimum)
    return refuse("greater", minimum);
  if (typeof maximum === "number" && value > maximum)
    return refuse("less", maximum);
  return [];
}
