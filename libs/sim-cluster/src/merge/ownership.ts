import { type Schema } from "../facts/schema.ts";
import { cloneJson, equalJson, type Json, type JsonObject } from "../json.ts";
import { StatusFailure } from "../status-failure.ts";
import {
  decodeFieldSet,
  emptySet,
  type FieldSet,
  intersectSets,
  isEmptySet,
  listPaths,
  printPath,
  subtractDeep,
  subtractSets,
  unionSets,
} from "./field-set.ts";
import {
  managerKey,
  type ManagerEntry,
  type Managers,
  printManager,
} from "./managed-fields.ts";
import {
  compareValues,
  type Comparison,
  mergeValues,
  removeFields,
  toFieldSet,
  withNamedFields,
} from "./typed-value.ts";

/** Who writes, and what about it the entry in managedFields records. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339 in seconds; undefined for a scale, whose entries carry no time. */
  readonly time: string | undefined;
}

/** What the merge needs to know of the kind. */
export interface MergeKind {
  readonly schema: Schema;
  /** Fields that this endpoint neither writes nor owns, such as `status`. */
  readonly ignored: FieldSet;
}

/** Identity fields belong to the server: nobody is recorded as their manager. */
const stripped = decodeFieldSet({
  "f:apiVersion": {},
  "f:kind": {},
  "f:metadata": {
    ".": {},
    "f:name": {},
    "f:namespace": {},
    "f:creationTimestamp": {},
    "f:selfLink": {},
    "f:uid": {},
    "f:generation": {},
    "f:managedFields": {},
    "f:resourceVersion": {},
  },
});

/** At most this many Update entries are kept apart; older ones are merged. */
const maxUpdateEntries = 10;

/** A copy of the object without managedFields, which are no part of any comparison. */
export function withoutManagedFields(object: JsonObject): JsonObject {
  const metadata = object["metadata"] as JsonObject;
  const { managedFields: _dropped, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** The managers after an update: the writer takes what it changed, others lose what was changed or removed. */
export function updateManagers(
  kind: MergeKind,
  live: JsonObject,
  next: JsonObject,
  managers: Managers,
  writer: Writer,
): Managers {
  const compared = compareValues(kind.schema, live, next);
  const left = new Map(yieldFields(compared, managers, kind.ignored));
  const taken = strip(
    subtractDeep(unionSets(compared.modified, compared.added), kind.ignored),
  );
  if (isEmptySet(taken)) return left;
  const entry = { ...writer, operation: "Update" as const, set: taken };
  const key = managerKey(entry);
  const previous = left.get(key);
  left.set(key, {
    ...entry,
    set: previous === undefined ? taken : unionSets(previous.set, taken),
  });
  return capUpdates(left);
}

/** `metadata` itself is stripped; labels and annotations below it are not. */
const strip = (set: FieldSet) => subtractSets(set, stripped);

function yieldFields(
  compared: Comparison,
  managers: Managers,
  ignored: FieldSet,
  except?: string,
): Managers {
  const lost = subtractDeep(
    unionSets(unionSets(compared.modified, compared.added), compared.removed),
    ignored,
  );
  if (isEmptySet(lost)) return managers;
  return new Map(
    [...managers].flatMap(([key, entry]) => {
      if (key === except) return [[key, entry] as const];
      const set = subtractSets(entry.set, lost);
      return isEmptySet(set) ? [] : [[key, { ...entry, set }] as const];
    }),
  );
}

function capUpdates(managers: Managers): Managers {
  const updates = [...managers].filter(
    ([, each]) => each.operation === "Update",
  );
  if (updates.length <= maxUpdateEntries) return managers;
  updates.sort(
    ([a, x], [b, y]) =>
      (x.time ?? "").localeCompare(y.time ?? "") || a.localeCompare(b),
  );
  const [oldest, second] = updates;
  if (oldest === undefined || second === undefined) return managers;
  const made = new Map(managers);
  made.delete(oldest[0]);
  made.delete(second[0]);
  const merged: ManagerEntry = {
    ...second[1],
    manager: "ancient-changes",
    subresource: "",
    set: unionSets(oldest[1].set, second[1].set),
  };
  made.set(managerKey(merged), merged);
  return made;
}

/** What an apply comes to; `object` is undefined when nothing but ownership changed. */
export interface Applied {
  readonly object: JsonObject | undefined;
  readonly managers: Managers;
}

/** Server-side apply: merge, prune what the applier gave up, and refuse or take over conflicts. */
export function applyConfiguration(
  kind: MergeKind,
  live: JsonObject,
  config: JsonObject,
  managers: Managers,
  writer: Writer,
  force: boolean,
): Applied {
  const self = { ...writer, operation: "Apply" as const };
  const key = managerKey({ ...self });
  const last = managers.get(key);
  const claimed = subtractDeep(toFieldSet(kind.schema, config), kind.ignored);
  const merged = mergeValues(kind.schema, live, config) as JsonObject;
  const claims = new Map(managers).set(key, {
    ...self,
    time: last?.time,
    set: claimed,
  });
  const pruned = prune(kind.schema, merged, claims, last?.set);
  const compared = compareValues(kind.schema, live, pruned);
  if (!force) requireNoConflict(compared, claims, key, kind.ignored);
  const settled = new Map(yieldFields(compared, claims, kind.ignored, key));
  const mine = { ...self, time: last?.time, set: strip(claimed) };
  if (isEmptySet(mine.set)) settled.delete(key);
  else settled.set(key, mine);
  if (equalJson(live, pruned)) return { object: undefined, managers: settled };
  if (settled.has(key)) settled.set(key, { ...mine, time: writer.time });
  return { object: cloneJson(pruned), managers: settled };
}

/** Removes what the applier owned and no longer names, unless somebody else owns it. */
function prune(
  schema: Schema,
  merged: JsonObject,
  managers: Managers,
  last: FieldSet | undefined,
): JsonObject {
  if (last === undefined || isEmptySet(last)) return merged;
  const named = (set: FieldSet) => withNamedFields(schema, set);
  const without = (set: FieldSet) =>
    (removeFields(schema, merged, set) ?? {}) as JsonObject;
  const setOf = (value: Json) => named(toFieldSet(schema, value));
  const mergedSet = setOf(merged);
  let owned = emptySet();
  for (const entry of managers.values()) owned = unionSets(owned, entry.set);
  const first = without(named(last));
  const second = without(
    subtractSets(mergedSet, unionSets(setOf(first), named(owned))),
  );
  return without(
    intersectSets(subtractSets(mergedSet, setOf(second)), named(last)),
  );
}

function requireNoConflict(
  compared: Comparison,
  managers: Managers,
  self: string,
  ignored: FieldSet,
): void {
  const changed = subtractDeep(
    unionSets(compared.modified, compared.added),
    ignored,
  );
  const conflicts = [...managers]
    .filter(([key]) => key !== self)
    .map(([, entry]) => ({
      manager: printManager(entry),
      paths: listPaths(intersectSets(entry.set, changed)).map(printPath),
    }))
    .filter(({ paths }) => paths.length > 0)
    .sort((a, b) => (a.manager < b.manager ? -1 : 1));
  if (conflicts.length > 0) throw applyConflict(conflicts);
}

function applyConflict(
  conflicts: readonly { manager: string; paths: readonly string[] }[],
): StatusFailure {
  const causes = conflicts.flatMap(({ manager, paths }) =>
    paths.map((field) => ({
      reason: "FieldManagerConflict",
      message: `conflict with ${manager}`,
      field,
    })),
  );
  const [only] = causes;
  const text =
    causes.length === 1 && only !== undefined
      ? `1 conflict: ${only.message}: ${only.field}`
      : `${causes.length} conflicts: ${conflicts
          .flatMap(({ manager, paths }) => [
            `conflicts with ${manager}:`,
            ...paths.map((path) => `- ${path}`),
          ])
          .join("\n")}`;
  return new StatusFailure(409, "Conflict", `Apply failed with ${text}`, {
    causes,
  });
}
