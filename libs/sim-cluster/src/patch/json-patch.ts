import {
  cloneJson,
  equalJson,
  isObject,
  type Json,
  listAt,
  stringAt,
} from "../json.ts";
import { StatusFailure } from "../status-failure.ts";

/** At most this many operations in one patch, as on the real server. */
const maxOperations = 10_000;

/** The real server says no more than this. */
const unprocessable = () =>
  new StatusFailure(
    422,
    "Invalid",
    "the server rejected our request due to an error in our request",
    {},
  );

/** A JSON patch; throws a 422 where an operation cannot be done. The target is not changed. */
export function applyJsonPatch(target: Json, operations: Json): Json {
  const list = listAt({ operations }, "operations");
  if (list.length > maxOperations)
    throw new StatusFailure(
      413,
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${list.length}`,
    );
  const root = { root: cloneJson(target) };
  for (const operation of list) applyOne(root, operation);
  return root.root;
}

type Root = { root: Json };

function applyOne(root: Root, operation: Json): void {
  if (!isObject(operation)) throw unprocessable();
  const path = parsePointer(stringAt(operation, "path"));
  const kind = stringAt(operation, "op");
  const value = operation["value"] ?? null;
  const from = parsePointer(stringAt(operation, "from"));
  switch (kind) {
    case "add":
      return add(root, path, cloneJson(value));
    case "remove":
      remove(root, path);
      return;
    case "replace":
      remove(root, path);
      return add(root, path, cloneJson(value));
    case "move":
      return add(root, path, remove(root, from));
    case "copy":
      return add(root, path, cloneJson(read(root, from)));
    case "test":
      if (equalJson(readOptional(root, path) ?? null, value)) return;
      throw unprocessable();
    default:
      throw unprocessable();
  }
}

function parsePointer(text: string): string[] {
  return text
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function readOptional(root: Root, path: readonly string[]): Json | undefined {
  let at: Json | undefined = root.root;
  for (const part of path) {
    if (Array.isArray(at)) at = at[Number(part)];
    else at = isObject(at) ? at[part] : undefined;
  }
  return at;
}

function read(root: Root, path: readonly string[]): Json {
  const value = readOptional(root, path);
  if (value === undefined) throw unprocessable();
  return value;
}

function parentOf(root: Root, path: readonly string[]): Json {
  const parent = readOptional(root, path.slice(0, -1));
  if (!isObject(parent) && !Array.isArray(parent)) throw unprocessable();
  return parent;
}

function add(root: Root, path: readonly string[], value: Json): void {
  const last = path.at(-1);
  if (last === undefined) {
    root.root = value;
    return;
  }
  const parent = parentOf(root, path);
  if (isObject(parent)) {
    parent[last] = value;
    return;
  }
  const list = parent as Json[];
  const index = last === "-" ? list.length : Number(last);
  if (!Number.isInteger(index) || index < 0 || index > list.length)
    throw unprocessable();
  list.splice(index, 0, value);
}

function remove(root: Root, path: readonly string[]): Json {
  const last = path.at(-1) ?? "";
  const parent = parentOf(root, path);
  if (isObject(parent)) {
    const value = parent[last];
    if (value === undefined) throw unprocessable();
    delete parent[last];
    return value;
  }
  const list = parent as Json[];
  const [value] = list.splice(Number(last), 1);
  if (value === undefined) throw unprocessable();
  return value;
}
