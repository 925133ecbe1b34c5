import { type ClusterState } from "../cluster-state.ts";
import { type Json, type JsonObject, objectAt } from "../json.ts";
import { noSuchPath, StatusFailure } from "../status-failure.ts";
import {
  type Answer,
  failureAnswer,
  jsonAnswer,
  textAnswer,
} from "./answer.ts";
import { type ApiRequest, parseResourcePath } from "./api-request.ts";
import {
  aggregated,
  coreVersions,
  groupList,
  groupNamed,
  resourceList,
  versionObject,
} from "./discovery.ts";
import { answerResource } from "./object-handler.ts";
import { openApiDocument, openApiIndex } from "./openapi.ts";
import { parseObject } from "./request-body.ts";

/** Answers one request of the Kubernetes API; refusals become their Status. */
export function answerRequest(
  state: ClusterState,
  request: ApiRequest,
): Answer {
  try {
    return route(state, request);
  } catch (failure) {
    if (failure instanceof StatusFailure) return failureAnswer(failure);
    throw failure;
  }
}

function route(state: ClusterState, request: ApiRequest): Answer {
  const parts = request.path.split("/").filter((part) => part !== "");
  switch (parts[0]) {
    case "version":
      return jsonAnswer(200, versionObject());
    case "healthz":
    case "livez":
    case "readyz":
      return textAnswer(200, "ok");
    case "openapi":
      return openApi(state, parts);
    case "api":
    case "apis":
      return api(state, request, parts);
    default:
      return pageNotFound();
  }
}

/** How the real server answers for a path that no group serves. */
const pageNotFound = () => textAnswer(404, "404 page not found\n");

function found(value: JsonObject | undefined): Answer {
  if (value === undefined) return pageNotFound();
  return jsonAnswer(200, value);
}

function openApi(state: ClusterState, parts: readonly string[]): Answer {
  if (parts[1] !== "v3") throw noSuchPath();
  if (parts.length === 2) return jsonAnswer(200, openApiIndex(state.resources));
  const [, , root, first = "", second = ""] = parts;
  return found(
    root === "api"
      ? openApiDocument(state.resources, "", first)
      : openApiDocument(state.resources, first, second),
  );
}

const aggregatedType =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

function api(
  state: ClusterState,
  request: ApiRequest,
  parts: readonly string[],
): Answer {
  const table = state.resources;
  const core = parts[0] === "api";
  if (parts.length === 1) {
    if (wantsAggregated(request))
      return jsonAnswer(200, aggregated(table, core), [], aggregatedType);
    return jsonAnswer(200, core ? coreVersions() : groupList(table));
  }
  if (core && parts.length === 2)
    return found(resourceList(table, "", parts[1] ?? ""));
  if (!core && parts.length === 2)
    return found(groupNamed(table, parts[1] ?? ""));
  if (!core && parts.length === 3)
    return found(resourceList(table, parts[1] ?? "", parts[2] ?? ""));
  const review = answerReview(request, parts);
  if (review !== undefined) return review;
  const path = parseResourcePath(request.path);
  if (path === undefined) throw noSuchPath();
  if (!table.serves(path.group, path.version)) return pageNotFound();
  return answerResource(state, request, path);
}

function wantsAggregated(request: ApiRequest): boolean {
  const accept = request.headers.accept ?? "";
  return (
    accept.includes("as=APIGroupDiscoveryList") && accept.includes("v=v2;")
  );
}

/** Reviews of access and of one's own name: nothing is forbidden here. */
function answerReview(
  request: ApiRequest,
  parts: readonly string[],
): Answer | undefined {
  if (request.method !== "POST") return undefined;
  const reviewed = parts.at(-1) ?? "";
  const isReview =
    (parts[1] === "authorization.k8s.io" ||
      parts[1] === "authentication.k8s.io") &&
    reviewed.endsWith("reviews");
  if (!isReview) return undefined;
  const body = parseObject(request.body);
  const status: Json =
    parts[1] === "authorization.k8s.io"
      ? { allowed: true }
      : {
          userInfo: {
            username: request.user,
            groups: ["system:authenticated"],
          },
        };
  return jsonAnswer(201, {
    ...body,
    metadata: objectAt(body, "metadata"),
    status,
  });
}
