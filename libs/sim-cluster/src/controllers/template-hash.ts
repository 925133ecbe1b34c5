import { createHash } from "node:crypto";
import { isObject, type Json } from "../json.ts";

const letters = "bcdfghjklmnpqrstvwxz2456789";

/** A short name for a pod template: equal templates have equal names. */
export function templateHash(template: Json): string {
  const digest = createHash("sha256").update(canonical(template)).digest();
  return [...digest.subarray(0, 10)]
    .map((byte) => letters[byte % letters.length])
    .join("");
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const parts = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
  return `{${parts.join(",")}}`;
}
