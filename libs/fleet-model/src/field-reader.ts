import {
  type Json,
  type JsonObject,
  type Labels,
  type LabelSelector,
  type SelectorRequirement,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { didYouMean } from "./did-you-mean.ts";
import { parseDurationMs } from "./duration.ts";
import { type Problem, type SourceLocation } from "./fleet-objects.ts";
import { type ProblemReason } from "./problem-reasons.ts";

/** A step into an object: a field's name or a list's index. */
export type FieldSteps = readonly (string | number)[];

/**
 * One object being read: where its fields stand, and what was found wrong with
 * it so far. Every reader below puts a problem there and gives its fallback.
 */
export interface ObjectReading {
  /** `Kind/namespace/name`. */
  readonly subject: string;
  readonly locate: (path: FieldSteps) => SourceLocation | undefined;
  readonly problems: Problem[];
}

/** Notes what is wrong with a field. */
export function reportField(
  reading: ObjectReading,
  path: FieldSteps,
  message: string,
  extra: { readonly reason?: ProblemReason; readonly advice?: string } = {},
): void {
  const location = reading.locate(path);
  reading.problems.push({
    reason: extra.reason ?? "InvalidField",
    subject: reading.subject,
    message: `${formatSteps(path)}: ${message}`,
    ...(location === undefined ? {} : { location }),
    ...(extra.advice === undefined ? {} : { advice: extra.advice }),
  });
}

/** A path as people write it: `spec.waves[0].soak`. */
export function formatSteps(path: FieldSteps): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("")
    .replace(/^\./, "");
}

/** Notes every field that is not among the known ones. */
export function checkKnownFields(
  reading: ObjectReading,
  object: JsonObject,
  path: FieldSteps,
  known: readonly string[],
): void {
  for (const field of Object.keys(object)) {
    if (known.includes(field)) continue;
    reportField(reading, [...path, field], "unknown field", {
      reason: "UnknownField",
      ...didYouMean(field, known),
    });
  }
}

/** A map, or an empty one where the field is absent or no map. */
export function readMap(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): JsonObject {
  if (value === undefined || value === null) return {};
  if (isJsonObject(value)) return value;
  reportField(reading, path, "must be a map");
  return {};
}

/** A list, or an empty one where the field is absent or no list. */
export function readList(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (isJsonList(value)) return value;
  reportField(reading, path, "must be a list");
  return [];
}

/** A text, or undefined where the field is absent or no text. */
export function readText(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  reportField(reading, path, "must be text", {
    advice: `Write it in quotes: ${JSON.stringify(String(value))}`,
  });
  return undefined;
}

/** A text that must be there; empty where it is not. */
export function requireText(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): string {
  const text = readText(reading, value, path);
  if (text !== undefined && text !== "") return text;
  if (value === undefined || value === null || value === "") {
    reportField(reading, path, "is missing", { reason: "MissingField" });
  }
  return "";
}

/** A boolean, or the fallback. */
export function readBoolean(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
  fallback: boolean,
): boolean {
  if (value === undefined || value === null) return fallback;
  if (typeof value === "boolean") return value;
  reportField(reading, path, "must be true or false");
  return fallback;
}

/** One of a closed set of words, or the fallback. */
export function readWord<Word extends string>(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
  { words, fallback }: { words: readonly Word[]; fallback: Word },
): Word {
  if (value === undefined || value === null) return fallback;
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  reportField(
    reading,
    path,
    `${JSON.stringify(String(value))} is not one of ${words.join(", ")}`,
    didYouMean(String(value), words),
  );
  return fallback;
}

/** A duration in milliseconds, or the fallback. */
export function readDurationMs<Fallback extends number | undefined>(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
  fallback: Fallback,
): number | Fallback {
  if (value === undefined || value === null) return fallback;
  const ms = typeof value === "string" ? parseDurationMs(value) : undefined;
  if (ms !== undefined) return ms;
  reportField(reading, path, `${String(value)} is not a duration`, {
    advice: "Write a number with ms, s, m or h, such as 30s or 1h30m",
  });
  return fallback;
}

/** Text by key, such as labels or variables; entries that are no text are noted and left out. */
export function readTexts(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): Labels {
  const texts = Object.create(null) as Record<string, string>;
  for (const [key, item] of Object.entries(readMap(reading, value, path))) {
    const text = readText(reading, item, [...path, key]);
    if (text !== undefined) texts[key] = text;
  }
  return texts;
}

const operators = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

/** A Kubernetes label selector. */
export function readSelector(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): LabelSelector {
  const selector = readMap(reading, value, path);
  checkKnownFields(reading, selector, path, [
    "matchLabels",
    "matchExpressions",
  ]);
  const expressionsPath = [...path, "matchExpressions"];
  return {
    matchLabels: readTexts(reading, selector["matchLabels"], [
      ...path,
      "matchLabels",
    ]),
    matchExpressions: readList(
      reading,
      selector["matchExpressions"],
      expressionsPath,
    ).map((item, index) =>
      readRequirement(reading, item, [...expressionsPath, index]),
    ),
  };
}

function readRequirement(
  reading: ObjectReading,
  item: Json,
  path: FieldSteps,
): SelectorRequirement {
  const requirement = readMap(reading, item, path);
  checkKnownFields(reading, requirement, path, ["key", "operator", "values"]);
  const operator = readWord(
    reading,
    requirement["operator"],
    [...path, "operator"],
    { words: operators, fallback: "In" },
  );
  const values = readList(reading, requirement["values"], [
    ...path,
    "values",
  ]).map((text, index) =>
    requireText(reading, text, [...path, "values", index]),
  );
  const wantsValues = operator === "In" || operator === "NotIn";
  if (wantsValues !== values.length > 0) {
    reportField(
      reading,
      [...path, "values"],
      wantsValues
        ? `${operator} needs at least one value`
        : `${operator} takes no values`,
    );
  }
  return {
    key: requireText(reading, requirement["key"], [...path, "key"]),
    operator,
    values,
  };
}
