import { type Json, isJsonList, isJsonObject } from "@wheelhouse/kube-object";
import {
  type KustomizationFile,
  encodeKustomization,
  isKnownField,
} from "./kustomization-file.ts";

/** Fields that are text, where Flux takes a number or a boolean for its text: an unquoted `newTag: 1.10` is 1.1. */
const textFields: ReadonlySet<string> = new Set([
  "name",
  "namePrefix",
  "nameSuffix",
  "namespace",
]);

const imageFields: ReadonlySet<string> = new Set([
  "digest",
  "name",
  "newName",
  "newTag",
]);

/**
 * A directory's own kustomization as Flux reads it before it builds: without
 * fields that nobody knows, and with text where text must be. kustomize itself,
 * which reads the others, is strict.
 */
export function asFluxReads(own: KustomizationFile): KustomizationFile {
  const entries = Object.entries(own.value);
  const read = entries
    .filter(([field]) => isKnownField(field))
    .map(([field, value]): [string, Json] => [field, readField(field, value)]);
  const isSame =
    read.length === entries.length &&
    read.every(([field, value]) => value === own.value[field]);
  if (isSame) return own;
  const value = Object.fromEntries(read);
  return { ...own, value, bytes: encodeKustomization(value) };
}

function readField(field: string, value: Json): Json {
  if (textFields.has(field)) return asText(value);
  switch (field) {
    case "commonLabels":
    case "commonAnnotations":
      return readMap(value, (_, item) => asText(item));
    case "images":
      return readItems(value, (key, item) =>
        imageFields.has(key) ? asText(item) : item,
      );
    case "labels":
      return readItems(value, (key, item) =>
        key === "pairs" ? readMap(item, (_, text) => asText(text)) : item,
      );
    case "configMapGenerator":
    case "secretGenerator":
      return readItems(value, (key, item) =>
        textFields.has(key) ? asText(item) : item,
      );
    default:
      return value;
  }
}

/** Each keeps what it is given where nothing changes, so that the file stays as it is written. */
function readItems(value: Json, read: (key: string, item: Json) => Json): Json {
  if (!isJsonList(value)) return value;
  const items = value.map((item) => readMap(item, read));
  return items.every((item, index) => item === value[index]) ? value : items;
}

function readMap(value: Json, read: (key: string, item: Json) => Json): Json {
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]): [string, Json] => [
    key,
    read(key, item),
  ]);
  const isSame = entries.every(([key, item]) => item === value[key]);
  return isSame ? value : Object.fromEntries(entries);
}

function asText(value: Json): Json {
  return typeof value === "number" ||
    typeof value === "boolean" ||
    typeof value === "bigint"
    ? String(value)
    : value;
}
