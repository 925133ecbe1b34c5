import { type Json, isJsonList, isJsonObject } from "@wheelhouse/kube-object";

/** One condition of an object's status. Absent texts are empty. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** The generation that it is about, where the controller says so. */
  readonly observedGeneration: number | undefined;
}

/** The value under a chain of field names, or undefined where it ends early. */
export function fieldAt(
  root: Json | undefined,
  ...names: readonly string[]
): Json | undefined {
  let value = root;
  for (const name of names) {
    value =
      isJsonObject(value) && Object.hasOwn(value, name)
        ? value[name]
        : undefined;
  }
  return value;
}

/** The integer under a chain of field names, or undefined where there is none. */
export function integerAt(
  root: Json | undefined,
  ...names: readonly string[]
): number | undefined {
  const value = fieldAt(root, ...names);
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** The text under a chain of field names, or the empty text. */
export function textAt(
  root: Json | undefined,
  ...names: readonly string[]
): string {
  const value = fieldAt(root, ...names);
  return typeof value === "string" ? value : "";
}

/** The conditions of an object's status, in the order in which they stand; what is not a condition is left out. */
export function conditionsOf(object: Json): readonly Condition[] {
  const list = fieldAt(object, "status", "conditions");
  if (!isJsonList(list)) return [];
  return list.filter(isJsonObject).map((condition) => ({
    type: textAt(condition, "type"),
    status: textAt(condition, "status"),
    reason: textAt(condition, "reason"),
    message: textAt(condition, "message"),
    observedGeneration: integerAt(condition, "observedGeneration"),
  }));
}
