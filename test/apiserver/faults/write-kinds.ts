import {
  type Json,
  type JsonObject,
  type KubeObject,
  isEqualJson,
  isJsonObject,
  isKubeObject,
  spokeNamespace,
} from "@wheelhouse/kube-object";
import { type ApiCall } from "@wheelhouse/testing";

/** One write of a spoke, and what it is held against to know what it was for. */
export interface SpokeWrite {
  readonly call: ApiCall;
  readonly sent: Json | undefined;
  /** The ConfigMaps of records as they stood before it, by name. */
  readonly records: ReadonlyMap<string, KubeObject>;
}

/** A kind of write, and how one is known. */
export interface WriteKind {
  readonly name: string;
  readonly isOne: (write: SpokeWrite) => boolean;
}

const inventory = "wheelhouse-inventory-";
const bundles = "wheelhouse-bundles-";
const artifacts = "wheelhouse-artifacts-";
const assignment = "wheelhouse-assignment";

/** Every kind of write that an engine makes; Events aside, which nothing waits for. */
export const writeKinds: readonly WriteKind[] = [
  {
    name: "its namespace is made",
    isOne: ({ call, sent }) =>
      isA(call, "create", "namespaces") && nameIn(sent) === spokeNamespace,
  },
  state("a shard of records is made", "create", "configmaps", "wheelhouse-"),
  state("artifacts are stored", "create", "secrets", artifacts),
  state("artifacts are collected", "delete", "secrets", artifacts),
  state("the first assignment is stored", "create", "secrets", assignment),
  state("the next assignment is stored", "update", "secrets", assignment),
  state("an assignment is let go", "delete", "secrets", assignment),
  state("the key of late values is made", "create", "secrets", "wheelhouse-l"),
  record("a bundle's record is begun", bundles, (before) => !before),
  record(
    "a bundle's record says what is applied",
    bundles,
    (before, after) => before && after && isOther(before, after, "applied"),
  ),
  record(
    "a bundle's record says that it is suspended",
    bundles,
    (before, after) => before && after && isOther(before, after, "isSuspended"),
  ),
  record("a bundle's record is dropped", bundles, (_, after) => !after),
  record("an object is recorded ahead", inventory, (before) => !before),
  record(
    "an object is recorded for another bundle",
    inventory,
    (before, after) => before && after && isOther(before, after, "b"),
  ),
  record(
    "what an apply gave is recorded",
    inventory,
    (before, after) =>
      before &&
      after &&
      ["u", "a", "d"].some((field) => isOther(before, after, field)),
  ),
  record(
    "an object is marked as over the budget",
    inventory,
    (before, after) => after?.["h"] === 1 && before?.["h"] === undefined,
  ),
  record(
    "that mark is lifted",
    inventory,
    (before, after) => before?.["h"] === 1 && after && !after["h"],
  ),
  record("an object is forgotten", inventory, (_, after) => !after),
  {
    name: "a namespace is made for a bundle",
    isOne: ({ call, sent }) =>
      isA(call, "create", "namespaces") && nameIn(sent) !== spokeNamespace,
  },
  {
    name: "an object is applied",
    isOne: ({ call, sent }) => isApply(call, sent) && !call.isForced,
  },
  {
    name: "an object is applied by force",
    isOne: ({ call, sent }) => isApply(call, sent) && call.isForced,
  },
  {
    name: "an object is deleted",
    isOne: ({ call }) => call.verb === "delete" && !isState(call),
  },
  {
    name: "marks are taken off an object",
    isOne: ({ call, sent }) =>
      isPatch(call, sent) && !hasIn(sent, "managedFields"),
  },
  {
    name: "fields of an earlier tool are made ours",
    isOne: ({ call, sent }) =>
      isPatch(call, sent) && hasIn(sent, "managedFields"),
  },
];

/** The names of all that a write is; empty for one that no kind names. */
export function kindsOf(write: SpokeWrite): readonly string[] {
  return writeKinds.filter(({ isOne }) => isOne(write)).map(({ name }) => name);
}

function state(
  name: string,
  verb: ApiCall["verb"],
  resource: string,
  prefix: string,
): WriteKind {
  return {
    name,
    isOne: ({ call, sent }) =>
      isA(call, verb, resource) &&
      isState(call) &&
      (call.name || nameIn(sent)).startsWith(prefix),
  };
}

/** An update of a shard in which a record changes so. */
function record(
  name: string,
  prefix: string,
  isSuch: (
    before: JsonObject | undefined,
    after: JsonObject | undefined,
  ) => boolean | undefined,
): WriteKind {
  return {
    name,
    isOne: ({ call, sent, records }) => {
      if (call.verb !== "update" || !call.name.startsWith(prefix)) return false;
      return changesOf({ call, sent, records }).some(
        ({ before, after }) => isSuch(before, after) === true,
      );
    },
  };
}

/** The keys of the records that an update of a shard changes, sorted; empty for any other write. */
export function changedKeys(write: SpokeWrite): readonly string[] {
  if (write.call.verb !== "update" || !write.records.has(write.call.name)) {
    return [];
  }
  return changesOf(write)
    .map(({ key }) => key)
    .sort();
}

function changesOf({ call, sent, records }: SpokeWrite) {
  const before = recordsIn(records.get(call.name));
  const after = recordsIn(sent);
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys]
    .map((key) => ({ key, before: before.get(key), after: after.get(key) }))
    .filter(({ before, after }) => !isEqualJson(before ?? null, after ?? null));
}

/** The records of a shard's ConfigMap, by key. */
export function recordsIn(
  shard: Json | undefined,
): ReadonlyMap<string, JsonObject> {
  const data = isJsonObject(shard) ? shard["data"] : undefined;
  const text = isJsonObject(data) ? data["records"] : undefined;
  const found = JSON.parse(typeof text === "string" ? text : "{}") as Json;
  const fields = isJsonObject(found) ? Object.entries(found) : [];
  return new Map(
    fields.flatMap(([key, value]) =>
      isJsonObject(value) ? [[key, value] as const] : [],
    ),
  );
}

function isOther(before: JsonObject, after: JsonObject, field: string) {
  return before[field] !== after[field];
}

function isA({ verb, resource }: ApiCall, ...wanted: readonly string[]) {
  return verb === wanted[0] && resource === wanted[1];
}

function isState({ namespace }: ApiCall): boolean {
  return namespace === spokeNamespace;
}

function isApply(call: ApiCall, sent: Json | undefined): boolean {
  return call.verb === "patch" && isKubeObject(sent);
}

/** A merge patch, which is no object. */
function isPatch(call: ApiCall, sent: Json | undefined): boolean {
  return call.verb === "patch" && !isKubeObject(sent);
}

function hasIn(sent: Json | undefined, field: string): boolean {
  const metadata = isJsonObject(sent) ? sent["metadata"] : undefined;
  return isJsonObject(metadata) && Object.hasOwn(metadata, field);
}

function nameIn(sent: Json | undefined): string {
  const metadata = isJsonObject(sent) ? sent["metadata"] : undefined;
  const name = isJsonObject(metadata) ? metadata["name"] : undefined;
  return typeof name === "string" ? name : "";
}
