import { type Json, type JsonObject } from "@wheelhouse/kube-object";
import {
  type FieldSteps,
  type ObjectReading,
  checkKnownFields,
  readBoolean,
  readList,
  readMap,
  readTexts,
  readWord,
  requireText,
} from "./field-reader.ts";

/** Where values for substitution come from. */
export interface SubstituteReference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly optional: boolean;
}

/** What is substituted in a build's output, and from where. */
export interface FluxPostBuild {
  readonly substitute: Readonly<Record<string, string>>;
  readonly substituteFrom: readonly SubstituteReference[];
  /** Whether to substitute although no variable is known: `substituteStrategy: Always`. */
  readonly substituteAlways: boolean;
}

const strategies = ["WithVariables", "Always"] as const;

/** Reads `spec.postBuild`. */
export function readPostBuild(
  reading: ObjectReading,
  spec: JsonObject,
): FluxPostBuild {
  const path: FieldSteps = ["spec", "postBuild"];
  const postBuild = readMap(reading, spec["postBuild"], path);
  checkKnownFields(reading, postBuild, path, [
    "substitute",
    "substituteFrom",
    "substituteStrategy",
  ]);
  const strategy = readWord(
    reading,
    postBuild["substituteStrategy"],
    [...path, "substituteStrategy"],
    { words: strategies, fallback: "WithVariables" },
  );
  const from = [...path, "substituteFrom"];
  return {
    substitute: readSubstitute(reading, postBuild["substitute"], [
      ...path,
      "substitute",
    ]),
    substituteFrom: readList(reading, postBuild["substituteFrom"], from).map(
      (item, index) => readReference(reading, item, [...from, index]),
    ),
    substituteAlways: strategy === "Always",
  };
}

/** As text by key, but a null counts as empty, as in Flux. */
function readSubstitute(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): Readonly<Record<string, string>> {
  const map = readMap(reading, value, path);
  const nulls = Object.keys(map).filter((key) => map[key] === null);
  return {
    ...readTexts(reading, value, path),
    ...Object.fromEntries(nulls.map((key) => [key, ""])),
  };
}

function readReference(
  reading: ObjectReading,
  item: Json,
  path: FieldSteps,
): SubstituteReference {
  const reference = readMap(reading, item, path);
  checkKnownFields(reading, reference, path, ["kind", "name", "optional"]);
  return {
    kind: readWord(reading, reference["kind"], [...path, "kind"], {
      words: ["ConfigMap", "Secret"],
      fallback: "ConfigMap",
    }),
    name: requireText(reading, reference["name"], [...path, "name"]),
    optional: readBoolean(
      reading,
      reference["optional"],
      [...path, "optional"],
      false,
    ),
  };
}
