import { createNameSuffix, createUid } from "../chance.ts";
import { printTime } from "../print-time.ts";
import { type ClusterState, type WriteRequest } from "../cluster-state.ts";
import { ensureObject, type JsonObject, objectAt, stringAt } from "../json.ts";
import { emptyObject, findProblems, readObject } from "../kinds/read-object.ts";
import { prepareForCreate } from "../kinds/strategy.ts";
import { type Resource } from "../resource.ts";
import {
  alreadyExists,
  badRequest,
  forbidden,
  invalid,
  notFound,
  StatusFailure,
} from "../status-failure.ts";
import { objectKey } from "../store.ts";
import { requireKind } from "./identity.ts";
import {
  managersAfterUpdate,
  mergeKindOf,
  setManagers,
  writerOf,
} from "./write-context.ts";

/** Creates an object as a POST does; throws a StatusFailure where the server refuses. */
export function createObject(
  state: ClusterState,
  resource: Resource,
  namespace: string,
  body: JsonObject,
  request: WriteRequest,
): JsonObject {
  requireKind(resource, body);
  const object = readObject(resource, body, request);
  requireNamespace(resource, namespace, object);
  nameObject(state, object);
  const writer = writerOf(state, resource, request, "");
  const managers = managersAfterUpdate(
    mergeKindOf(resource, ""),
    emptyObject(resource),
    object,
    writer,
  );
  setManagers(object, managers);
  return storeNew(state, resource, namespace, object, request);
}

/** The last steps of a create, shared with an apply that makes its object. */
export function storeNew(
  state: ClusterState,
  resource: Resource,
  namespace: string,
  object: JsonObject,
  request: WriteRequest,
): JsonObject {
  const metadata = ensureObject(object, "metadata");
  const name = stringAt(metadata, "name");
  if (stringAt(metadata, "resourceVersion") !== "")
    throw new StatusFailure(
      500,
      "",
      "resourceVersion should not be set on objects to be created",
    );
  for (const key of [
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "generation",
  ])
    delete metadata[key];
  metadata["uid"] = createUid(state.chance);
  metadata["creationTimestamp"] = printTime(state.clock.nowMs());
  requireLivingNamespace(state, resource, namespace, name);
  prepareForCreate(state, resource, object);
  const problems = findProblems(resource, object, undefined);
  if (problems.length > 0) throw invalid(resource, name, problems);
  if (
    state.store.get(resource.storage, objectKey(namespace, name)) !== undefined
  )
    throw alreadyExists(resource, name);
  if (request.dryRun) return object;
  return state.store.put(resource.storage, object);
}

function requireNamespace(
  resource: Resource,
  namespace: string,
  object: JsonObject,
): void {
  const metadata = ensureObject(object, "metadata");
  const given = stringAt(metadata, "namespace");
  if (!resource.namespaced) {
    delete metadata["namespace"];
    return;
  }
  if (given !== "" && given !== namespace)
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  metadata["namespace"] = namespace;
}

function nameObject(state: ClusterState, object: JsonObject): void {
  const metadata = ensureObject(object, "metadata");
  const base = stringAt(metadata, "generateName");
  if (stringAt(metadata, "name") === "" && base !== "")
    metadata["name"] = `${base}${createNameSuffix(state.chance)}`;
}

/** Nothing is made in a namespace that is not there, or on its way out. */
function requireLivingNamespace(
  state: ClusterState,
  resource: Resource,
  namespace: string,
  name: string,
): void {
  if (!resource.namespaced) return;
  const found = state.store.get("/namespaces", objectKey("", namespace));
  if (found === undefined)
    throw notFound(
      { group: "", plural: "namespaces", kind: "Namespace" },
      namespace,
    );
  if (objectAt(found, "metadata")["deletionTimestamp"] === undefined) return;
  throw forbidden(
    resource,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: "NamespaceTerminating",
        message: `namespace ${namespace} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  );
}
