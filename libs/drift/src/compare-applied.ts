import {
  type FieldPath,
  type FieldStep,
  type Json,
  type JsonObject,
  compareBytewise,
  isEqualJson,
  isJsonList,
  isJsonObject,
  valueAt,
} from "@wheelhouse/kube-object";
import {
  type FieldDifference,
  maxDifferences,
  stripServerFields,
} from "./diff-fields.ts";
import { isOurs } from "./field-writer.ts";
import { inferListKeys, isKeyValue, serverStepOf } from "./list-keys.ts";
import { listTypeAt } from "./managed-fields.ts";

/**
 * Where a live object is not as we applied it, as far as can be told without
 * the server: what we sent and is not there, or is there with another value
 * and is no longer ours. What is still ours and reads otherwise is as the
 * server normalised it. Nothing that only the live object has is a difference.
 * Sorted by path, at most 20.
 */
export function compareApplied(
  applied: JsonObject,
  live: JsonObject,
): readonly FieldDifference[] {
  const comparison: Comparison = { live, found: [] };
  compareObject(stripServerFields(applied), live, [], comparison);
  return comparison.found;
}

interface Comparison {
  readonly live: JsonObject;
  readonly found: FieldDifference[];
}

function compare(
  wanted: Json,
  live: Json | undefined,
  path: FieldPath,
  comparison: Comparison,
): void {
  const { found } = comparison;
  if (found.length >= maxDifferences || isEqualJson(wanted, live)) return;
  // The server keeps no empty value where it has nothing to say itself.
  if (live === undefined && isEmpty(wanted)) return;
  if (isJsonObject(wanted) && isJsonObject(live)) {
    compareObject(wanted, live, path, comparison);
  } else if (isJsonList(wanted) && isJsonList(live)) {
    compareList(wanted, live, path, comparison);
  } else if (live === undefined || !isOurs(comparison.live, path)) {
    found.push({ path, live, wouldBe: wanted });
  }
}

function compareObject(
  wanted: JsonObject,
  live: JsonObject,
  path: FieldPath,
  comparison: Comparison,
): void {
  for (const name of Object.keys(wanted).sort(compareBytewise)) {
    // It is only written, and read as `data`.
    if (path.length === 0 && name === "stringData") continue;
    const step: FieldStep = { kind: "field", name };
    const [next, found] = [wanted[name] ?? null, valueAt(live, [step])];
    compare(next, found, [...path, step], comparison);
  }
}

function compareList(
  wanted: readonly Json[],
  live: readonly Json[],
  path: FieldPath,
  comparison: Comparison,
): void {
  const steps = itemSteps(wanted, live, path, comparison.live);
  if (steps !== undefined) {
    steps.forEach((step, index) =>
      compare(
        wanted[index] ?? null,
        valueAt(live, [step]),
        [...path, step],
        comparison,
      ),
    );
  } else if (!isOurs(comparison.live, path)) {
    comparison.found.push({ path, live, wouldBe: wanted });
  }
}

/** What names each wanted item in the live list; undefined where the list counts as a whole. */
function itemSteps(
  wanted: readonly Json[],
  live: readonly Json[],
  path: FieldPath,
  object: JsonObject,
): readonly FieldStep[] | undefined {
  const last = path.at(-1);
  const field = last?.kind === "field" ? last.name : "";
  const type = listTypeAt(object, path);
  const keys = type?.keys ?? inferListKeys(field, live);
  const steps = wanted.flatMap((item, index): readonly FieldStep[] => {
    if (type?.isSet === true) {
      return isKeyValue(item) ? [{ kind: "value", value: item }] : [];
    }
    if (!isJsonObject(item)) return [];
    if (keys === undefined) {
      return wanted.length === live.length ? [{ kind: "index", index }] : [];
    }
    const step = serverStepOf(keys, item);
    return step === undefined ? [] : [step];
  });
  return steps.length === wanted.length ? steps : undefined;
}

function isEmpty(value: Json): boolean {
  if (isJsonList(value)) return value.length === 0;
  return isJsonObject(value)
    ? Object.keys(value).length === 0
    : value === null || value === "";
}
