import { type Json } from "@wheelhouse/kube-object";
import {
  type FieldSteps,
  type ObjectReading,
  checkKnownFields,
  readBoolean,
  readMap,
  readText,
  readWord,
  requireText,
} from "./field-reader.ts";

/** Where some of a release's values come from: an object of the release's own namespace. */
export interface ValuesReference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  /** Of the object's data; `values.yaml` where nothing is said. */
  readonly valuesKey: string;
  /** Where the text is put, as Helm's `--set` writes it; empty where it is a document of values. */
  readonly targetPath: string;
  /** Whether the text at `targetPath` is taken as it is. */
  readonly literal: boolean;
  readonly optional: boolean;
}

/** Reads one entry of `spec.valuesFrom`. */
export function readValuesReference(
  reading: ObjectReading,
  item: Json,
  path: FieldSteps,
): ValuesReference {
  const reference = readMap(reading, item, path);
  checkKnownFields(reading, reference, path, [
    "kind",
    "name",
    "valuesKey",
    "targetPath",
    "literal",
    "optional",
  ]);
  const text = (field: string): string =>
    readText(reading, reference[field], [...path, field]) ?? "";
  const flag = (field: string): boolean =>
    readBoolean(reading, reference[field], [...path, field], false);
  return {
    kind: readWord(reading, reference["kind"], [...path, "kind"], {
      words: ["ConfigMap", "Secret"],
      fallback: "ConfigMap",
    }),
    name: requireText(reading, reference["name"], [...path, "name"]),
    valuesKey: text("valuesKey") || "values.yaml",
    targetPath: text("targetPath"),
    literal: flag("literal"),
    optional: flag("optional"),
  };
}
