import { type HealthExpressions } from "@wheelhouse/assignment";
import { type Json } from "@wheelhouse/kube-object";
import {
  compileHealthExpressions,
  compileReadyExpression,
} from "@wheelhouse/status";
import {
  type FieldSteps,
  type ObjectReading,
  checkKnownFields,
  readList,
  readMap,
  readText,
  reportField,
  requireText,
} from "./field-reader.ts";

/** Health check expressions, each read and checked here: the spoke would hold the bundle for one that cannot be. */
export function readHealthExpressions(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): readonly HealthExpressions[] {
  const before = reading.problems.length;
  const list = readList(reading, value, path).map((item, index) =>
    readEntry(reading, item, [...path, index]),
  );
  // An entry that lacks a field is not said to be wrong once more.
  if (reading.problems.length > before) return list;
  const compiled = compileHealthExpressions(list);
  if (compiled.ok) return list;
  for (const { index, field, message } of compiled.problems) {
    const at = [...path, index, ...(field === undefined ? [] : [field])];
    reportExpression(reading, at, message);
  }
  return list;
}

/** The `readyExpr` of a dependency, read and checked; nothing where there is none. */
export function readReadyExpression(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): { readonly readyExpr?: string } {
  const readyExpr = readText(reading, value, path) ?? "";
  if (readyExpr === "") return {};
  const compiled = compileReadyExpression(readyExpr);
  if (!compiled.ok) reportExpression(reading, path, compiled.problem);
  return { readyExpr };
}

function readEntry(
  reading: ObjectReading,
  item: Json,
  path: FieldSteps,
): HealthExpressions {
  const entry = readMap(reading, item, path);
  const fields = ["apiVersion", "kind", "inProgress", "failed", "current"];
  checkKnownFields(reading, entry, path, fields);
  const optional = (field: string): Readonly<Record<string, string>> => {
    const text = readText(reading, entry[field], [...path, field]) ?? "";
    return text === "" ? {} : { [field]: text };
  };
  return {
    apiVersion: requireText(reading, entry["apiVersion"], [
      ...path,
      "apiVersion",
    ]),
    ...optional("kind"),
    ...optional("inProgress"),
    ...optional("failed"),
    current: requireText(reading, entry["current"], [...path, "current"]),
  };
}

function reportExpression(
  reading: ObjectReading,
  path: FieldSteps,
  message: string,
): void {
  reportField(reading, path, message, { reason: "InvalidExpression" });
}
