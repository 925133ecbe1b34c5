/** A JSON value. Integers outside ±2^53 are `bigint`: Kubernetes integers are 64 bits wide. */
export type Json =
  null | boolean | number | bigint | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Whether a value is a JSON object, and neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a JSON list. */
export function isJsonList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether two JSON values are equal; the order of keys does not matter, nor whether a wide integer is a `bigint`. */
export function isEqualJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a === "bigint") return typeof b === "number" && isSameWide(a, b);
  if (typeof b === "bigint") return typeof a === "number" && isSameWide(b, a);
  if (isJsonList(a)) {
    return (
      isJsonList(b) &&
      a.length === b.length &&
      a.every((item, index) => isEqualJson(item, b[index]))
    );
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqualJson(a[key], b[key]))
  );
}

function isSameWide(wide: bigint, plain: number): boolean {
  return Number.isInteger(plain) && BigInt(plain) === wide;
}
