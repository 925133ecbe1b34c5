import { type Json, type JsonObject, isObject } from "../json.ts";

/**
 * A set of field paths, as a tree. A path element is its `fieldsV1` text:
 * `f:name`, `k:{"name":"web"}`, `v:"value"` or `i:0`.
 */
export interface FieldSet {
  /** Whether the path up to here is itself in the set. */
  member: boolean;
  readonly children: Map<string, FieldSet>;
}

/** A path: its elements from the root down. */
export type FieldPath = readonly string[];

/** A set of nothing. */
export function emptySet(): FieldSet {
  return { member: false, children: new Map() };
}

/** Whether no path is in the set. */
export function isEmptySet(set: FieldSet): boolean {
  if (set.member) return false;
  for (const child of set.children.values())
    if (!isEmptySet(child)) return false;
  return true;
}

/** The subtree under one element, made where it is missing. */
export function childSet(set: FieldSet, element: string): FieldSet {
  let child = set.children.get(element);
  if (child === undefined) {
    child = emptySet();
    set.children.set(element, child);
  }
  return child;
}

/** Adds one path in place. */
export function insertPath(set: FieldSet, path: FieldPath): void {
  let at = set;
  for (const element of path) at = childSet(at, element);
  at.member = true;
}

/** Combines two sets path by path; subtrees that end up empty are left out. */
function combine(
  a: FieldSet | undefined,
  b: FieldSet | undefined,
  keep: (inA: boolean, inB: boolean) => boolean,
): FieldSet {
  const made = emptySet();
  made.member = keep(a?.member ?? false, b?.member ?? false);
  const elements = new Set([
    ...(a?.children.keys() ?? []),
    ...(b?.children.keys() ?? []),
  ]);
  for (const element of elements) {
    const child = combine(
      a?.children.get(element),
      b?.children.get(element),
      keep,
    );
    if (child.member || child.children.size > 0)
      made.children.set(element, child);
  }
  return made;
}

/** Paths in either set. */
export function unionSets(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA || inB);
}

/** Paths in both sets. */
export function intersectSets(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB);
}

/** Paths of `a` that are not in `b`. */
export function subtractSets(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && !inB);
}

/** Paths of `a` that are neither in `b` nor below a path of `b`. */
export function subtractDeep(a: FieldSet, b: FieldSet): FieldSet {
  const made = emptySet();
  made.member = a.member && !b.member;
  if (b.member) return made;
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    const left = other === undefined ? child : subtractDeep(child, other);
    if (!isEmptySet(left)) made.children.set(element, left);
  }
  return made;
}

/** Every path of the set, in the order in which the real server names them. */
export function listPaths(set: FieldSet, prefix: FieldPath = []): FieldPath[] {
  const elements = sortedElements(set);
  const own = elements.flatMap((element) =>
    set.children.get(element)?.member === true ? [[...prefix, element]] : [],
  );
  const below = elements.flatMap((element) => {
    const child = set.children.get(element);
    return child === undefined ? [] : listPaths(child, [...prefix, element]);
  });
  return [...own, ...below];
}

/** The set in the `fieldsV1` form of managedFields. */
export function encodeFieldSet(set: FieldSet): JsonObject {
  const made: JsonObject = {};
  for (const element of sortedElements(set)) {
    const child = set.children.get(element);
    if (child === undefined) continue;
    const body = encodeFieldSet(child);
    made[element] =
      child.member && child.children.size > 0 ? { ".": {}, ...body } : body;
  }
  return made;
}

/** Reads the `fieldsV1` form; a leaf is a member, and so is a node that holds ".". */
export function decodeFieldSet(value: Json | undefined): FieldSet {
  const set = emptySet();
  if (!isObject(value)) return set;
  for (const [element, below] of Object.entries(value)) {
    if (element === ".") {
      set.member = true;
      continue;
    }
    const child = decodeFieldSet(below);
    if (child.children.size === 0) child.member = true;
    set.children.set(element, child);
  }
  return set;
}

/** A path as error messages show it: `.spec.containers[name="web"].image`. */
export function printPath(path: FieldPath): string {
  return path.map(printElement).join("");
}

function printElement(element: string): string {
  const body = element.slice(2);
  if (element.startsWith("f:")) return `.${body}`;
  if (element.startsWith("v:")) return `[=${body}]`;
  if (element.startsWith("i:")) return `[${body}]`;
  const keys = JSON.parse(body) as JsonObject;
  const parts = Object.keys(keys)
    .sort()
    .map((key) => `${key}=${JSON.stringify(keys[key])}`);
  return `[${parts.join(",")}]`;
}

const rank = (element: string) => "fkvi".indexOf(element[0] ?? "f");

function sortedElements(set: FieldSet): string[] {
  return [...set.children.keys()].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0),
  );
}
