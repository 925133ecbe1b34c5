import { type Json, isJsonList, isJsonObject } from "@wheelhouse/kube-object";

/** Scalars and keys, as text, that stand in one value and not at the same place of another. */
export function changedValues(
  before: Json | undefined,
  after: Json,
): readonly string[] {
  const found: string[] = [];
  collect(before, after, found);
  return found;
}

function collect(before: Json | undefined, after: Json, found: string[]): void {
  if (isJsonList(after)) {
    const items = before !== undefined && isJsonList(before) ? before : [];
    after.forEach((item, index) => collect(items[index], item, found));
    return;
  }
  if (isJsonObject(after)) {
    const fields = before !== undefined && isJsonObject(before) ? before : {};
    for (const [key, value] of Object.entries(after)) {
      const isKnown = Object.hasOwn(fields, key);
      if (!isKnown) found.push(key);
      collect(isKnown ? fields[key] : undefined, value, found);
    }
    return;
  }
  if (after !== before && after !== null) found.push(String(after));
}
