import { type ClusterState, type WriteRequest } from "../cluster-state.ts";
import {
  cloneJson,
  ensureObject,
  equalJson,
  isObject,
  type JsonObject,
  objectAt,
  stringAt,
} from "../json.ts";
import { findProblems, readObject } from "../kinds/read-object.ts";
import { isReleased, prepareForUpdate } from "../kinds/strategy.ts";
import { type Resource } from "../resource.ts";
import { badRequest, type FieldProblem, invalid } from "../status-failure.ts";
import { keyOf } from "../store.ts";
import { requireKind, requireSameObject } from "./identity.ts";
import {
  finalizersOf,
  managersAfterUpdate,
  mergeKindOf,
  setManagers,
  writerOf,
} from "./write-context.ts";

/** Replaces an object as a PUT does, or its status. */
export function updateObject(
  state: ClusterState,
  resource: Resource,
  live: JsonObject,
  body: JsonObject,
  request: WriteRequest,
  subresource: string,
): JsonObject {
  requireKind(resource, body);
  const next = readObject(resource, body, request);
  requireName(resource, live, next);
  requireVersion(resource, next);
  requireSameObject(resource, live, next);
  const writer = writerOf(state, resource, request, subresource);
  carryIdentity(live, next);
  setManagers(
    next,
    managersAfterUpdate(mergeKindOf(resource, subresource), live, next, writer),
  );
  return storeNext(state, resource, live, next, request, subresource);
}

/** The last steps of every update: what may not change, the checks, and the write unless nothing changed. */
export function storeNext(
  state: ClusterState,
  resource: Resource,
  live: JsonObject,
  next: JsonObject,
  request: WriteRequest,
  subresource: string,
): JsonObject {
  carryIdentity(live, next);
  prepareForUpdate(state, resource, live, next, subresource);
  refuseNewFinalizers(resource, live, next);
  const problems = findProblems(resource, next, live);
  if (problems.length > 0)
    throw invalid(
      resource,
      stringAt(objectAt(live, "metadata"), "name"),
      problems,
    );
  ensureObject(next, "metadata")["resourceVersion"] =
    objectAt(live, "metadata")["resourceVersion"] ?? "";
  if (equalJson(untimed(live), untimed(next))) return live;
  if (request.dryRun) return next;
  if (isReleased(resource, next)) {
    state.store.remove(resource.storage, keyOf(next));
    return next;
  }
  return state.store.put(resource.storage, next);
}

/** Times in managedFields alone are no change. */
function untimed(object: JsonObject): JsonObject {
  const metadata = objectAt(object, "metadata");
  const entries = metadata["managedFields"];
  if (!Array.isArray(entries)) return object;
  const bare = entries.map((entry) => {
    if (!isObject(entry)) return entry;
    const { time: _time, ...rest } = entry;
    return rest;
  });
  return { ...object, metadata: { ...metadata, managedFields: bare } };
}

const serverOwned = [
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
  "generateName",
];

function carryIdentity(live: JsonObject, next: JsonObject): void {
  const before = objectAt(live, "metadata");
  const metadata = ensureObject(next, "metadata");
  for (const key of serverOwned) {
    const value = before[key];
    if (value === undefined) delete metadata[key];
    else metadata[key] = cloneJson(value);
  }
  if (before["namespace"] !== undefined)
    metadata["namespace"] = before["namespace"];
}

function requireName(
  resource: Resource,
  live: JsonObject,
  next: JsonObject,
): void {
  const before = objectAt(live, "metadata");
  const metadata = ensureObject(next, "metadata");
  const name = stringAt(metadata, "name");
  const wanted = stringAt(before, "name");
  if (name !== wanted)
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${wanted})`,
    );
  const namespace = stringAt(metadata, "namespace");
  if (
    namespace !== "" &&
    resource.namespaced &&
    namespace !== before["namespace"]
  )
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
}

/** This one refusal names the resource by its plural. */
const plurally = (resource: Resource) => ({
  group: resource.group,
  plural: resource.plural,
  kind: resource.plural,
});

/** Custom resources may not be replaced blindly. */
function requireVersion(resource: Resource, next: JsonObject): void {
  const metadata = objectAt(next, "metadata");
  if (resource.custom === undefined) return;
  if (stringAt(metadata, "resourceVersion") !== "") return;
  throw invalid(plurally(resource), stringAt(metadata, "name"), [
    {
      kind: "invalid",
      field: "metadata.resourceVersion",
      value: 0,
      detail: "must be specified for an update",
    },
  ]);
}

function refuseNewFinalizers(
  resource: Resource,
  live: JsonObject,
  next: JsonObject,
): void {
  if (objectAt(live, "metadata")["deletionTimestamp"] === undefined) return;
  const before = new Set(finalizersOf(live));
  const added = finalizersOf(next).filter((each) => !before.has(each));
  if (added.length === 0) return;
  const name = stringAt(objectAt(live, "metadata"), "name");
  const quoted = added.map((each) => JSON.stringify(each)).join(", ");
  const refused: FieldProblem = {
    kind: "forbidden",
    field: "metadata.finalizers",
    detail: `no new finalizers can be added if the object is being deleted, found new finalizers []string{${quoted}}`,
  };
  // The real server checks it twice, and lists both findings.
  throw invalid(resource, name, [refused, refused]);
}
