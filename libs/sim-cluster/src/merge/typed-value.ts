import {
  anySchema,
  deducedList,
  deducedMap,
  type ListSchema,
  type MapSchema,
  type Schema,
} from "../facts/schema.ts";
import { equalJson, isObject, type Json, type JsonObject } from "../json.ts";
import {
  childSet,
  emptySet,
  type FieldPath,
  type FieldSet,
  insertPath,
  isEmptySet,
} from "./field-set.ts";

/** What a value is for merging: a leaf, a map or a list. */
export type Atom = { readonly kind: "leaf" } | MapSchema | ListSchema;

const leaf: Atom = { kind: "leaf" };

/** Resolves a schema against a value; an undeclared value tells its own shape. */
export function atomOf(schema: Schema, value: Json | undefined): Atom {
  switch (schema.kind) {
    case "scalar":
      return leaf;
    case "any":
      if (Array.isArray(value)) return deducedList;
      return isObject(value) ? deducedMap : leaf;
    case "map":
    case "list":
      return schema;
  }
}

/** The schema of what a map holds under a key. */
export function elementSchema(map: MapSchema, key: string): Schema {
  return map.fields.get(key)?.schema ?? map.element ?? anySchema;
}

/** The path element that identifies one item of a set or keyed list. */
export function itemElement(
  list: ListSchema,
  item: Json,
  index: number,
): string {
  if (list.list === "set") return `v:${JSON.stringify(item)}`;
  if (list.list === "atomic" || !isObject(item)) return `i:${index}`;
  const keys: JsonObject = {};
  for (const key of [...list.keys].sort()) {
    const value = item[key] ?? defaultKey(list, key);
    if (value !== undefined) keys[key] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}

function defaultKey(list: ListSchema, key: string): Json | undefined {
  if (list.element.kind !== "map") return undefined;
  return list.element.fields.get(key)?.keyDefault;
}

/** Every field that a configuration names: what an apply claims to own. */
export function toFieldSet(schema: Schema, value: Json): FieldSet {
  const set = emptySet();
  collect(schema, value, set);
  return set;
}

function collect(schema: Schema, value: Json, at: FieldSet): void {
  const atom = atomOf(schema, value);
  if (atom.kind === "leaf") {
    at.member = true;
  } else if (atom.kind === "map") {
    if (atom.atomic) at.member = true;
    else if (isObject(value)) collectMap(atom, value, at);
  } else if (atom.list === "atomic") {
    at.member = true;
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      const child = childSet(at, itemElement(atom, item, index));
      collect(atom.element, item, child);
      child.member = true;
    });
  }
}

function collectMap(map: MapSchema, value: JsonObject, at: FieldSet): void {
  for (const [key, item] of Object.entries(value)) {
    const child = emptySet();
    collect(elementSchema(map, key), item, child);
    const empty = item === null || (isObject(item) && isEmpty(item));
    if (empty || !map.fields.has(key)) child.member = true;
    if (!isEmptySet(child)) at.children.set(`f:${key}`, child);
  }
}

function isEmpty(value: JsonObject): boolean {
  return Object.keys(value).length === 0;
}

/** Which fields differ between two values of one type. */
export interface Comparison {
  readonly added: FieldSet;
  readonly removed: FieldSet;
  readonly modified: FieldSet;
}

/** Compares field by field; lists by key or value, atomic parts whole. */
export function compareValues(
  schema: Schema,
  left: Json | undefined,
  right: Json | undefined,
): Comparison {
  const result: Comparison = {
    added: emptySet(),
    removed: emptySet(),
    modified: emptySet(),
  };
  compareAt(result, schema, left, right, []);
  return result;
}

function compareAt(
  result: Comparison,
  schema: Schema,
  left: Json | undefined,
  right: Json | undefined,
  path: FieldPath,
): void {
  // Equal subtrees are by far the most common, and add nothing.
  if (left === right) return;
  const atom = atomOf(schema, right ?? left);
  const other = atomOf(schema, left ?? right);
  const leafLike = atom.kind !== other.kind || isCompareLeaf(atom, left, right);
  if (left === undefined) insertPath(result.added, path);
  else if (right === undefined) insertPath(result.removed, path);
  else if (leafLike && !equalJson(left, right))
    insertPath(result.modified, path);
  if (leafLike || atom.kind === "leaf") return;
  if (atom.kind === "map")
    compareMaps(result, atom, asMap(left), asMap(right), path);
  else compareLists(result, atom, asList(left), asList(right), path);
}

/** Atomic parts, and a pair of empty ones, are compared whole. */
function isCompareLeaf(
  atom: Atom,
  left: Json | undefined,
  right: Json | undefined,
): boolean {
  if (atom.kind === "leaf") return true;
  if (atom.kind === "map")
    return atom.atomic || (isEmpty(asMap(left)) && isEmpty(asMap(right)));
  return (
    atom.list === "atomic" ||
    (asList(left).length === 0 && asList(right).length === 0)
  );
}

const asMap = (value: Json | undefined): JsonObject =>
  isObject(value) ? value : {};
const asList = (value: Json | undefined): Json[] =>
  Array.isArray(value) ? value : [];

function compareMaps(
  result: Comparison,
  map: MapSchema,
  left: JsonObject,
  right: JsonObject,
  path: FieldPath,
): void {
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
    compareAt(result, elementSchema(map, key), left[key], right[key], [
      ...path,
      `f:${key}`,
    ]);
}

function compareLists(
  result: Comparison,
  list: ListSchema,
  left: Json[],
  right: Json[],
  path: FieldPath,
): void {
  const lefts = indexItems(list, left);
  const rights = indexItems(list, right);
  for (const element of new Set([...lefts.keys(), ...rights.keys()]))
    compareAt(result, list.element, lefts.get(element), rights.get(element), [
      ...path,
      element,
    ]);
}

function indexItems(list: ListSchema, items: Json[]): Map<string, Json> {
  return new Map(
    items.map((item, index) => [itemElement(list, item, index), item]),
  );
}

/** Lays a configuration over a live value; neither argument is changed. */
export function mergeValues(
  schema: Schema,
  left: Json | undefined,
  right: Json | undefined,
): Json | undefined {
  if (right === undefined) return left;
  if (left === undefined) return right;
  const atom = atomOf(schema, right);
  if (isCompareLeaf(atom, left, right) || atom.kind === "leaf") return right;
  if (atom.kind === "map") {
    const lefts = asMap(left);
    const rights = asMap(right);
    const made: JsonObject = {};
    for (const key of new Set([
      ...Object.keys(lefts),
      ...Object.keys(rights),
    ])) {
      const merged = mergeValues(
        elementSchema(atom, key),
        lefts[key],
        rights[key],
      );
      if (merged !== undefined) made[key] = merged;
    }
    return made;
  }
  return mergeLists(atom, asList(left), asList(right));
}

/**
 * Order of a merged list: the applied items in their order, each live-only
 * item staying in front of the shared item that it stood in front of.
 */
function mergeLists(list: ListSchema, left: Json[], right: Json[]): Json[] {
  const lefts = indexItems(list, left);
  const rights = indexItems(list, right);
  const leftOrder = left.map((item, index) => itemElement(list, item, index));
  const rightOrder = right.map((item, index) => itemElement(list, item, index));
  const shared = rightOrder.filter((element) => lefts.has(element));
  const done = new Set<string>();
  const out: Json[] = [];
  const take = (element: string) => {
    done.add(element);
    if (element === shared[0]) shared.shift();
    const merged = mergeValues(
      list.element,
      lefts.get(element),
      rights.get(element),
    );
    if (merged !== undefined) out.push(merged);
  };
  let l = 0;
  let r = 0;
  while (l < leftOrder.length || r < rightOrder.length) {
    const onLeft = leftOrder[l];
    const onRight = rightOrder[r];
    if (onLeft !== undefined && onLeft === onRight) {
      take(onLeft);
      l += 1;
      r += 1;
    } else if (onLeft !== undefined && !rights.has(onLeft)) {
      out.push(left[l] ?? null);
      l += 1;
    } else if (
      onLeft !== undefined &&
      mustWait(onLeft, onRight, shared, done)
    ) {
      l += 1;
    } else if (onRight !== undefined) {
      take(onRight);
      r += 1;
    } else {
      l += 1;
    }
  }
  return out;
}

/** A live item that is applied too, but taken already or not the next to take. */
function mustWait(
  element: string,
  onRight: string | undefined,
  shared: readonly string[],
  done: ReadonlySet<string>,
): boolean {
  if (done.has(element)) return true;
  return (
    onRight !== undefined && shared[0] !== undefined && shared[0] !== element
  );
}

/** The value without the fields in the set; a map or list that loses all becomes null. */
export function removeFields(schema: Schema, value: Json, set: FieldSet): Json {
  const atom = atomOf(schema, value);
  if (atom.kind === "map" && isObject(value)) {
    if (atom.atomic || isEmpty(value)) return null;
    const made: JsonObject = {};
    for (const [key, item] of Object.entries(value)) {
      const child = set.children.get(`f:${key}`);
      if (child?.member === true) continue;
      made[key] =
        child === undefined || child.children.size === 0
          ? item
          : removeFields(elementSchema(atom, key), item, child);
    }
    return isEmpty(made) ? null : made;
  }
  if (atom.kind === "list" && Array.isArray(value)) {
    if (atom.list === "atomic") return null;
    return removeItems(atom, value, set);
  }
  return value;
}

function removeItems(list: ListSchema, value: Json[], set: FieldSet): Json {
  const made: Json[] = [];
  value.forEach((item, index) => {
    const child = set.children.get(itemElement(list, item, index));
    if (child?.member === true) return;
    made.push(
      child === undefined || child.children.size === 0
        ? item
        : removeFields(list.element, item, child),
    );
  });
  return made.length === 0 ? null : made;
}

/** Adds every declared struct field that has members below it, as the real server does before it prunes. */
export function withNamedFields(schema: Schema, set: FieldSet): FieldSet {
  const made = emptySet();
  made.member = set.member;
  for (const [element, child] of set.children) {
    const [below, named] = descend(schema, element);
    const copy = withNamedFields(below, child);
    if (named && child.children.size > 0) copy.member = true;
    made.children.set(element, copy);
  }
  return made;
}

function descend(schema: Schema, element: string): [Schema, boolean] {
  if (schema.kind === "map" && element.startsWith("f:")) {
    const key = element.slice(2);
    return [elementSchema(schema, key), schema.fields.has(key)];
  }
  return [schema.kind === "list" ? schema.element : anySchema, false];
}
