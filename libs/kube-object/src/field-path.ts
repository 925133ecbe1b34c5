import { type Json, isJsonList, isJsonObject } from "./json.ts";

/**
 * One step into an object: a field's name, a place in a list, or, where a list
 * is keyed, the keys that name the item.
 */
export type FieldStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | {
      readonly kind: "key";
      readonly keys: Readonly<Record<string, string | number | boolean>>;
    }
  | { readonly kind: "value"; readonly value: string | number | boolean };

/** Where in an object a value stands. */
export type FieldPath = readonly FieldStep[];

/** A path as the API server writes it: `.spec.template.spec.containers[name="app"].image`. */
export function formatFieldPath(path: FieldPath): string {
  return path.map(formatStep).join("").replace(/^\./, "");
}

function formatStep(step: FieldStep): string {
  switch (step.kind) {
    case "field":
      return `.${step.name}`;
    case "index":
      return `[${step.index}]`;
    case "key": {
      const keys = Object.entries(step.keys)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(",");
      return `[${keys}]`;
    }
    case "value":
      return `[=${JSON.stringify(step.value)}]`;
  }
}

/** The value at a path, or undefined where a step leads nowhere. */
export function valueAt(
  root: Json | undefined,
  path: FieldPath,
): Json | undefined {
  let current = root;
  for (const step of path) current = stepInto(current, step);
  return current;
}

function stepInto(value: Json | undefined, step: FieldStep): Json | undefined {
  if (step.kind === "field") {
    return isJsonObject(value) && Object.hasOwn(value, step.name)
      ? value[step.name]
      : undefined;
  }
  if (!isJsonList(value)) return undefined;
  switch (step.kind) {
    case "index":
      return value[step.index];
    case "key":
      return value.find(
        (item) =>
          isJsonObject(item) &&
          Object.entries(step.keys).every(
            ([key, wanted]) => item[key] === wanted,
          ),
      );
    case "value":
      return value.find((item) => item === step.value);
  }
}
