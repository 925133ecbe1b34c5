import {
  type Json,
  type JsonObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { defaultKeyValues } from "./list-keys.ts";

/** What a path's text leads to; `found` is false where it leads nowhere. */
export type FieldTextResult =
  { readonly found: true; readonly value: Json } | { readonly found: false };

const nowhere: FieldTextResult = { found: false };

/**
 * Follows a path as the API server writes it, such as
 * `.spec.template.spec.containers[name="app"].image`. The text is ambiguous
 * where names hold dots (`.metadata.labels.app.kubernetes.io/name`), so it is
 * read against the object, and not taken apart beforehand.
 */
export function followFieldText(
  object: JsonObject,
  text: string,
): FieldTextResult {
  return follow(object, text.startsWith(".") ? text : `.${text}`);
}

function follow(value: Json, rest: string): FieldTextResult {
  if (rest === "") return { found: true, value };
  if (rest.startsWith(".") && isJsonObject(value)) {
    return followField(value, rest.slice(1));
  }
  if (rest.startsWith("[") && isJsonList(value)) {
    return followItem(value, rest);
  }
  return nowhere;
}

function followField(object: JsonObject, rest: string): FieldTextResult {
  for (const [name, value] of Object.entries(object)) {
    if (!rest.startsWith(name)) continue;
    const result = follow(value, rest.slice(name.length));
    if (result.found) return result;
  }
  return nowhere;
}

const scalar = String.raw`"(?:[^"\\]|\\.)*"|[^",\]=]+`;
const bracket = new RegExp(
  String.raw`^\[((?:[^"=\[\]]*=(?:${scalar}))(?:,[^"=\[\]]*=(?:${scalar}))*|\d+)\]`,
);
const pair = new RegExp(String.raw`([^"=,]*)=(${scalar})`, "g");

function followItem(list: readonly Json[], rest: string): FieldTextResult {
  const match = bracket.exec(rest);
  const inside = match?.[1];
  if (match === null || inside === undefined) return nowhere;
  const item = selectItem(list, inside);
  return item === undefined
    ? nowhere
    : follow(item, rest.slice(match[0].length));
}

function selectItem(list: readonly Json[], inside: string): Json | undefined {
  if (/^\d+$/.test(inside)) return list[Number(inside)];
  const pairs = [...inside.matchAll(pair)].map(
    ([, key, value]) => [key ?? "", readScalar(value ?? "")] as const,
  );
  return list.find((item) =>
    pairs.every(([key, value]) =>
      key === "" ? item === value : hasKey(item, key, value),
    ),
  );
}

function hasKey(item: Json, key: string, wanted: Json): boolean {
  if (!isJsonObject(item)) return false;
  const value = Object.hasOwn(item, key) ? item[key] : defaultKeyValues[key];
  return value === wanted;
}

function readScalar(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // The server quotes as Go does; what JSON cannot read is taken as it stands.
    return text.replace(/^"|"$/g, "");
  }
}
