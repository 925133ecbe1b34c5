import {
  type JsonObject,
  isObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";
import {
  decodeFieldSet,
  encodeFieldSet,
  type FieldSet,
  isEmptySet,
} from "./field-set.ts";

/** How a manager came to own its fields. */
export type Operation = "Apply" | "Update";

/** One manager's fields. */
export interface ManagerEntry {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339 in seconds; absent where the manager has changed nothing yet. */
  readonly time: string | undefined;
  readonly set: FieldSet;
}

/** All managers of an object, by identity. */
export type Managers = ReadonlyMap<string, ManagerEntry>;

/** Two entries are one manager when this text is equal: appliers are one over all versions. */
export function managerKey(
  entry: Pick<
    ManagerEntry,
    "manager" | "operation" | "apiVersion" | "subresource"
  >,
): string {
  const version = entry.operation === "Apply" ? "" : entry.apiVersion;
  return [entry.operation, entry.subresource, version, entry.manager].join("|");
}

const decoded = new WeakMap<object, Managers>();

/** Reads `metadata.managedFields`; stored objects never change, so the result is kept. */
export function decodeManagers(object: JsonObject): Managers {
  const metadata = objectAt(object, "metadata");
  const list = listAt(metadata, "managedFields");
  const known = decoded.get(list);
  if (known !== undefined) return known;
  const managers = new Map<string, ManagerEntry>();
  for (const item of list) {
    if (!isObject(item)) continue;
    const entry: ManagerEntry = {
      manager: stringAt(item, "manager"),
      operation: item["operation"] === "Apply" ? "Apply" : "Update",
      apiVersion: stringAt(item, "apiVersion"),
      subresource: stringAt(item, "subresource"),
      time: typeof item["time"] === "string" ? item["time"] : undefined,
      set: decodeFieldSet(item["fieldsV1"]),
    };
    managers.set(managerKey(entry), entry);
  }
  if (list.length > 0) decoded.set(list, managers);
  return managers;
}

/** The entries in the server's order, with managers that own nothing left out. */
export function encodeManagers(managers: Managers): JsonObject[] {
  return [...managers.values()]
    .filter((entry) => !isEmptySet(entry.set))
    .sort(compareEntries)
    .map((entry) => ({
      manager: entry.manager,
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      ...(entry.time === undefined ? {} : { time: entry.time }),
      fieldsType: "FieldsV1",
      fieldsV1: encodeFieldSet(entry.set),
      ...(entry.subresource === "" ? {} : { subresource: entry.subresource }),
    }));
}

function compareEntries(a: ManagerEntry, b: ManagerEntry): number {
  return (
    order(a.operation, b.operation) ||
    order(a.time ?? "", b.time ?? "") ||
    order(a.manager, b.manager) ||
    order(a.apiVersion, b.apiVersion) ||
    order(a.subresource, b.subresource)
  );
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** How a conflict message names a manager. */
export function printManager(entry: ManagerEntry): string {
  const name = JSON.stringify(entry.manager);
  const named =
    entry.subresource === ""
      ? name
      : `${name} with subresource ${JSON.stringify(entry.subresource)}`;
  return entry.operation === "Update"
    ? `${named} using ${entry.apiVersion}`
    : named;
}
