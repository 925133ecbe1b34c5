import { type ClusterState, type WriteRequest } from "../cluster-state.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  objectAt,
  stringAt,
} from "../json.ts";
import { applyObject } from "../objects/apply.ts";
import { requireSameUid } from "../objects/identity.ts";
import { updateObject } from "../objects/update.ts";
import { applyJsonPatch } from "../patch/json-patch.ts";
import { applyMergePatch } from "../patch/merge-patch.ts";
import { applyStrategicPatch } from "../patch/strategic-merge-patch.ts";
import { apiVersionOf, type Resource } from "../resource.ts";
import {
  badRequest,
  invalid,
  notFound,
  StatusFailure,
} from "../status-failure.ts";
import { type ApiRequest, type ResourcePath } from "./api-request.ts";
import { parseConfiguration, parseJson } from "./request-body.ts";
import { toScale, withScale } from "./scale.ts";
import { isForced } from "./write-request.ts";

const applyType = "application/apply-patch+yaml";
const mergeType = "application/merge-patch+json";
const jsonType = "application/json-patch+json";
const strategicType = "application/strategic-merge-patch+json";

/** What a patch works on. */
export interface PatchTarget {
  readonly state: ClusterState;
  readonly resource: Resource;
  readonly path: ResourcePath;
  readonly live: JsonObject | undefined;
}

/** Carries out a PATCH of any kind; returns the object as it then is. */
export function patchObject(
  target: PatchTarget,
  request: ApiRequest,
  write: WriteRequest,
): JsonObject {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim();
  if (type === applyType) return applyPatch(target, request, write);
  const { resource, path, live, state } = target;
  if (isForced(request))
    throw invalid(optionsResource, "", [
      {
        kind: "forbidden",
        field: "force",
        detail: "may not be specified for non-apply patch",
      },
    ]);
  const patch = patcherOf(resource, type ?? "", parseJson(request.body));
  if (live === undefined) throw notFound(resource, path.name);
  if (path.subresource === "scale") {
    const scaled = asObject(patch(toScale(resource, live)));
    const next = withScale(resource, live, scaled);
    return updateObject(state, resource, live, next, write, "scale");
  }
  const next = asObject(patch(live));
  requireSameUid(resource, live, next);
  return updateObject(state, resource, live, next, write, path.subresource);
}

const optionsResource = {
  group: "meta.k8s.io",
  plural: "",
  kind: "PatchOptions",
};

function asObject(value: Json): JsonObject {
  if (isObject(value)) return value;
  throw badRequest("the patched value is not an object");
}

function patcherOf(
  resource: Resource,
  type: string,
  patch: Json,
): (live: JsonObject) => Json {
  switch (type) {
    case mergeType:
      return (live) => applyMergePatch(live, patch);
    case jsonType:
      return (live) => applyJsonPatch(live, patch);
    case strategicType:
      if (resource.custom === undefined)
        return (live) => applyStrategicPatch(resource.schema, live, patch);
      break;
  }
  const accepted = [
    jsonType,
    mergeType,
    ...(resource.custom === undefined ? [strategicType] : []),
    applyType,
  ];
  if (type !== strategicType)
    throw new StatusFailure(
      415,
      "UnsupportedMediaType",
      "415: Unsupported Media Type",
      {},
    );
  throw new StatusFailure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}

function applyPatch(
  target: PatchTarget,
  request: ApiRequest,
  write: WriteRequest,
): JsonObject {
  const { resource, path, live, state } = target;
  if (!request.query.get("fieldManager"))
    throw invalid(optionsResource, "", [
      {
        kind: "required",
        field: "fieldManager",
        detail: "is required for apply patch",
      },
    ]);
  if (live === undefined && path.subresource !== "")
    throw notFound(resource, path.name);
  const sent = parseConfiguration(request.body);
  const config =
    path.subresource === "scale" ? scaleConfig(resource, sent) : sent;
  return applyObject(
    state,
    {
      resource,
      namespace: path.namespace,
      name: path.name,
      subresource: path.subresource,
      live,
    },
    config,
    write,
    isForced(request),
  );
}

/** An applied scale is an applied workload that names its replicas only. */
function scaleConfig(resource: Resource, scale: JsonObject): JsonObject {
  const metadata = objectAt(scale, "metadata");
  const bare: JsonObject = {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: stringAt(metadata, "resourceVersion") === "" ? {} : metadata,
  };
  return withScale(resource, bare, scale);
}
