import { type ClusterState } from "../cluster-state.ts";
import { toServedVersion, toStoredVersion } from "../events-version.ts";
import { cloneJson, type JsonObject, objectAt, stringAt } from "../json.ts";
import { createObject } from "../objects/create.ts";
import { deleteObject } from "../objects/delete.ts";
import { updateObject } from "../objects/update.ts";
import { hasSubresource, type Resource } from "../resource.ts";
import { noSuchPath, notFound, StatusFailure } from "../status-failure.ts";
import { objectKey } from "../store.ts";
import {
  answerWith,
  isTableRequest,
  tableShape,
} from "../table/table-answer.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import { type ApiRequest, flag, type ResourcePath } from "./api-request.ts";
import { listObject, listPage } from "./list.ts";
import {
  isMetadataRequest,
  metadataListOf,
  metadataOf,
} from "./metadata-answer.ts";
import { patchObject } from "./patch-handler.ts";
import { parseObject } from "./request-body.ts";
import { toScale, withScale } from "./scale.ts";
import { answerWatch } from "./watch.ts";
import { deleteRequestOf, writeRequestOf } from "./write-request.ts";

/** Everything that one request is about. */
interface Target {
  readonly state: ClusterState;
  readonly request: ApiRequest;
  readonly path: ResourcePath;
  readonly resource: Resource;
  /** The version that the store keeps. */
  readonly stored: Resource;
}

/** Answers a request for a resource: the verb by method, name and query. */
export function answerResource(
  state: ClusterState,
  request: ApiRequest,
  path: ResourcePath,
): Answer {
  const resource = state.resources.find(path.group, path.version, path.plural);
  if (resource === undefined) throw noSuchPath();
  if (path.subresource !== "" && !hasSubresource(resource, path.subresource))
    throw noSuchPath();
  if (path.name !== "" && resource.namespaced !== (path.namespace !== ""))
    throw noSuchPath();
  const stored = state.resources.ofStorage(resource.storage) ?? resource;
  const target = { state, request, path, resource, stored };
  const verb = verbOf(request, path);
  requireVerb(resource, verb, path);
  return handlers[verb](target);
}

/** What a request does, in the words of RBAC. */
export type Verb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection";

/** The verb of a request for a resource. */
export function verbOf(request: ApiRequest, path: ResourcePath): Verb {
  switch (request.method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return path.name === "" ? "deletecollection" : "delete";
    default:
      if (flag(request.query, "watch")) return "watch";
      return path.name === "" ? "list" : "get";
  }
}

function requireVerb(resource: Resource, verb: Verb, path: ResourcePath): void {
  const onObject = path.name !== "";
  const fits =
    verb === "create"
      ? !onObject
      : onObject || !["update", "patch"].includes(verb);
  if (fits && resource.verbs.includes(verb)) return;
  throw new StatusFailure(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );
}

const handlers: Readonly<Record<Verb, (target: Target) => Answer>> = {
  get: handleGet,
  list: handleList,
  watch: handleWatch,
  create: handleCreate,
  update: handleUpdate,
  patch: handlePatch,
  delete: handleDelete,
  deletecollection: handleDeleteCollection,
};

const keyOfPath = (path: ResourcePath) => objectKey(path.namespace, path.name);

function findLive({ state, path, resource }: Target): JsonObject | undefined {
  return state.store.get(resource.storage, keyOfPath(path));
}

function requireLive(target: Target): JsonObject {
  const live = findLive(target);
  if (live === undefined) throw notFound(target.resource, target.path.name);
  return live;
}

function show(
  target: Target,
  object: JsonObject,
  code = 200,
  warnings: readonly string[] = [],
): Answer {
  const { resource, path } = target;
  if (path.subresource === "scale")
    return jsonAnswer(code, toScale(resource, object), warnings);
  const served = toServedVersion(resource, object);
  if (isMetadataRequest(target.request, "PartialObjectMetadata")) {
    return jsonAnswer(code, metadataOf(served), warnings);
  }
  return answerWith(
    target.request,
    resource,
    code,
    served,
    warnings,
    target.state,
  );
}

function handleGet(target: Target): Answer {
  return show(target, requireLive(target));
}

function handleList({ state, request, resource, path }: Target): Answer {
  const page = listPage(state, resource, path.namespace, request.query);
  if (isMetadataRequest(request, "PartialObjectMetadataList")) {
    return jsonAnswer(200, metadataListOf(page));
  }
  return answerWith(
    request,
    resource,
    200,
    listObject(resource, page),
    [],
    state,
    page,
  );
}

function handleWatch({ state, request, resource, path }: Target): Answer {
  const shape = isTableRequest(request)
    ? tableShape(request, resource, state)
    : isMetadataRequest(request, "PartialObjectMetadata")
      ? metadataOf
      : (object: JsonObject) => object;
  return answerWatch(
    state,
    resource,
    path.namespace,
    path.name,
    request.query,
    shape,
  );
}

function readBody(target: Target): JsonObject {
  const body = parseObject(target.request.body);
  return toStoredVersion(target.resource, target.stored, body);
}

function handleCreate(target: Target): Answer {
  const { state, path, stored, request } = target;
  const write = writeRequestOf(request);
  const made = createObject(
    state,
    stored,
    path.namespace,
    readBody(target),
    write,
  );
  return show(target, made, 201, write.warnings);
}

function handleUpdate(target: Target): Answer {
  const { state, path, stored, request, resource } = target;
  const write = writeRequestOf(request);
  const live = requireLive(target);
  const body = readBody(target);
  const next =
    path.subresource === "scale" ? withScale(resource, live, body) : body;
  const updated = updateObject(
    state,
    stored,
    live,
    next,
    write,
    path.subresource,
  );
  return show(target, updated, 200, write.warnings);
}

function handlePatch(target: Target): Answer {
  const { state, request, path, stored } = target;
  const live = findLive(target);
  const write = writeRequestOf(request);
  const patched = patchObject(
    { state, resource: stored, path, live },
    request,
    write,
  );
  return show(target, patched, live === undefined ? 201 : 200, write.warnings);
}

function handleDelete(target: Target): Answer {
  const { state, request, stored, resource } = target;
  const live = requireLive(target);
  const { gone, object } = deleteObject(
    state,
    stored,
    live,
    deleteRequestOf(request),
  );
  if (!gone || returnsDeleted.has(resource.type ?? ""))
    return show(target, object);
  const metadata = objectAt(object, "metadata");
  return jsonAnswer(200, {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name: stringAt(metadata, "name"),
      ...(resource.group === "" ? {} : { group: resource.group }),
      kind: resource.plural,
      uid: stringAt(metadata, "uid"),
    },
  });
}

/** Kinds whose delete answers with the object rather than a Status. */
const returnsDeleted = new Set([
  "core.v1.Pod",
  "core.v1.PersistentVolume",
  "core.v1.PersistentVolumeClaim",
  "core.v1.PodTemplate",
  "core.v1.ResourceQuota",
  "core.v1.Service",
  "core.v1.ServiceAccount",
  "storage.v1.CSIDriver",
  "storage.v1.CSINode",
  "storage.v1.StorageClass",
  "storage.v1.VolumeAttachment",
  "storage.v1.CSIStorageCapacity",
]);

function handleDeleteCollection(target: Target): Answer {
  const { state, request, stored, resource, path } = target;
  const page = listPage(state, stored, path.namespace, request.query);
  const deletion = deleteRequestOf(request);
  for (const object of page.items)
    deleteObject(state, stored, object, deletion);
  return jsonAnswer(200, cloneJson(listObject(resource, page)));
}
