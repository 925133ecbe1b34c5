import {
  type FieldPath,
  type FieldStep,
  type Json,
  type JsonObject,
  compareBytewise,
  isEqualJson,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { inferListKeys, keyStepOf } from "./list-keys.ts";

/** One place where two versions of an object differ. Undefined: nothing is there. */
export interface FieldDifference {
  readonly path: FieldPath;
  readonly live: Json | undefined;
  readonly wouldBe: Json | undefined;
}

/** What the server writes itself: no difference there is drift. */
const serverMetadata = new Set([
  "managedFields",
  "resourceVersion",
  "generation",
  "uid",
  "creationTimestamp",
  "selfLink",
]);

/** At most this many differences are reported for one object. */
export const maxDifferences = 20;

/**
 * Where a live object differs from what an apply would make of it (the
 * server's own dry run), sorted by path, at most 20. Status and what the
 * server keeps in metadata are left out. List items are named by their keys
 * where those can be inferred, else by place.
 */
export function diffFields(
  live: JsonObject,
  wouldBe: JsonObject,
): readonly FieldDifference[] {
  const found: FieldDifference[] = [];
  collectObject(stripServerFields(live), stripServerFields(wouldBe), [], found);
  return found;
}

/** An object without status and what the server keeps in metadata. */
export function stripServerFields(object: JsonObject): JsonObject {
  const kept = Object.entries(object).filter(([name]) => name !== "status");
  return Object.fromEntries(
    kept.map(([name, value]) =>
      name === "metadata" && isJsonObject(value)
        ? [name, stripMetadata(value)]
        : [name, value],
    ),
  );
}

function stripMetadata(metadata: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(metadata).filter(([name]) => !serverMetadata.has(name)),
  );
}

function collect(
  live: Json | undefined,
  wouldBe: Json | undefined,
  path: FieldPath,
  found: FieldDifference[],
): void {
  if (found.length >= maxDifferences || isEqualJson(live, wouldBe)) return;
  if (isJsonObject(live) && isJsonObject(wouldBe)) {
    collectObject(live, wouldBe, path, found);
  } else if (isJsonList(live) && isJsonList(wouldBe)) {
    collectList(live, wouldBe, path, found);
  } else {
    found.push({ path, live, wouldBe });
  }
}

function collectObject(
  live: JsonObject,
  wouldBe: JsonObject,
  path: FieldPath,
  found: FieldDifference[],
): void {
  const names = new Set([...Object.keys(live), ...Object.keys(wouldBe)]);
  for (const name of [...names].sort(compareBytewise)) {
    const step: FieldStep = { kind: "field", name };
    collect(own(live, name), own(wouldBe, name), [...path, step], found);
  }
}

function collectList(
  live: readonly Json[],
  wouldBe: readonly Json[],
  path: FieldPath,
  found: FieldDifference[],
): void {
  const keys = inferListKeys(fieldName(path), live, wouldBe);
  const before = found.length;
  if (keys !== undefined) {
    const liveItems = itemsByKey(keys, live);
    const wantedItems = itemsByKey(keys, wouldBe);
    for (const [id, { step }] of new Map([...liveItems, ...wantedItems])) {
      const pair = [
        liveItems.get(id)?.item,
        wantedItems.get(id)?.item,
      ] as const;
      collect(...pair, [...path, step], found);
    }
  } else if (
    live.length === wouldBe.length &&
    [...live, ...wouldBe].every(isJsonObject)
  ) {
    live.forEach((item, index) => {
      const step: FieldStep = { kind: "index", index };
      collect(item, wouldBe[index], [...path, step], found);
    });
  }
  // Nothing inside differs, or the items are scalars: the list itself does.
  if (found.length === before) found.push({ path, live, wouldBe });
}

function itemsByKey(
  keys: readonly string[],
  list: readonly Json[],
): Map<string, { step: FieldStep; item: Json }> {
  const items = new Map<string, { step: FieldStep; item: Json }>();
  for (const item of list) {
    const step = isJsonObject(item) ? keyStepOf(keys, item) : undefined;
    if (step !== undefined) items.set(JSON.stringify(step), { step, item });
  }
  return items;
}

function fieldName(path: FieldPath): string {
  const last = path.at(-1);
  return last?.kind === "field" ? last.name : "";
}

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
