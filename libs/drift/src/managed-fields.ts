import {
  type FieldPath,
  type FieldStep,
  type Json,
  type JsonObject,
  isEqualJson,
  isJsonList,
  isJsonObject,
  parseJson,
} from "@wheelhouse/kube-object";
import { isKeyValue } from "./list-keys.ts";

/** Who wrote fields of an object, as one entry of its managedFields says. */
export interface FieldWriter {
  readonly manager: string;
  /** `Apply` or `Update`. */
  readonly operation: string;
  /** Such as `status` or `scale`; empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339, or empty. */
  readonly time: string;
}

/** One entry of managedFields: who, and the tree of fields. */
export interface ManagedFieldsEntry extends FieldWriter {
  readonly fieldsV1: JsonObject;
}

/** The entries of an object's managedFields, as they stand; unreadable ones are left out. */
export function managedFieldsOf(
  object: JsonObject,
): readonly ManagedFieldsEntry[] {
  const { metadata } = object;
  const list = isJsonObject(metadata) ? metadata["managedFields"] : undefined;
  if (!isJsonList(list)) return [];
  return list.filter(isJsonObject).flatMap((entry) => {
    const fieldsV1 = entry["fieldsV1"];
    if (!isJsonObject(fieldsV1)) return [];
    return {
      manager: text(entry["manager"]),
      operation: text(entry["operation"]),
      subresource: text(entry["subresource"]),
      time: text(entry["time"]),
      fieldsV1,
    };
  });
}

/** Whether an entry owns the value at a path: the path itself, what it lies in as a whole, or something under it. */
export function isOwnedBy(entry: ManagedFieldsEntry, path: FieldPath): boolean {
  let tree: JsonObject = entry.fieldsV1;
  for (const [depth, wanted] of path.entries()) {
    const child = childAt(tree, wanted);
    // A tree that ends before the path does owns all that lies deeper.
    if (child === undefined) {
      return depth > 0 && Object.keys(tree).every((name) => name === ".")
        ? !Object.hasOwn(tree, ".")
        : false;
    }
    tree = child;
  }
  return true;
}

/** What the server tells the items of a list apart by: themselves, or the values of some keys. */
export interface ListType {
  readonly isSet: boolean;
  /** In order; undefined for a set. */
  readonly keys: readonly string[] | undefined;
}

/** The type of the list at a path as managedFields show it; undefined where nobody owns an item of it: an atomic list is owned whole. */
export function listTypeAt(
  object: JsonObject,
  path: FieldPath,
): ListType | undefined {
  for (const { fieldsV1 } of managedFieldsOf(object)) {
    let tree: JsonObject | undefined = fieldsV1;
    for (const step of path) tree = tree && childAt(tree, step);
    for (const name of Object.keys(tree ?? {})) {
      const step = parseStep(name);
      if (step?.kind === "value") return { isSet: true, keys: undefined };
      if (step?.kind === "key") {
        return { isSet: false, keys: Object.keys(step.keys) };
      }
    }
  }
  return undefined;
}

function childAt(tree: JsonObject, wanted: FieldStep): JsonObject | undefined {
  for (const [name, child] of Object.entries(tree)) {
    const step = parseStep(name);
    if (step !== undefined && isSameStep(step, wanted) && isJsonObject(child)) {
      return child;
    }
  }
  return undefined;
}

/** The keys of a wanted step may be fewer than the server's: it fills in defaults such as the protocol. */
function isSameStep(step: FieldStep, wanted: FieldStep): boolean {
  if (step.kind === "field") {
    return wanted.kind === "field" && step.name === wanted.name;
  }
  if (step.kind === "index") {
    return wanted.kind === "index" && step.index === wanted.index;
  }
  if (step.kind === "value") {
    return wanted.kind === "value" && step.value === wanted.value;
  }
  return (
    wanted.kind === "key" &&
    Object.entries(wanted.keys).every(([key, value]) =>
      isEqualJson(step.keys[key], value),
    )
  );
}

/** Reads one name of a fieldsV1 tree: `f:spec`, `k:{"name":"app"}`, `v:"x"`, `i:3`; undefined for `.`. */
function parseStep(name: string): FieldStep | undefined {
  const rest = name.slice(2);
  switch (name.slice(0, 2)) {
    case "f:":
      return { kind: "field", name: rest };
    case "i:":
      return { kind: "index", index: Number(rest) };
    case "v:": {
      const value = readJson(rest);
      return isKeyValue(value) ? { kind: "value", value } : undefined;
    }
    case "k:":
      return parseKeyStep(readJson(rest));
    default:
      return undefined;
  }
}

function parseKeyStep(value: Json | undefined): FieldStep | undefined {
  if (!isJsonObject(value)) return undefined;
  const keys: Record<string, string | number | boolean> = {};
  for (const [key, part] of Object.entries(value)) {
    if (!isKeyValue(part)) return undefined;
    keys[key] = part;
  }
  return { kind: "key", keys };
}

function readJson(json: string): Json | undefined {
  try {
    return parseJson(json);
  } catch {
    // A name that is not JSON names nothing that we could look for.
    return undefined;
  }
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
