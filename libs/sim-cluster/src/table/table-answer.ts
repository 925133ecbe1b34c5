import { type ClusterState } from "../cluster-state.ts";
import { type Json, type JsonObject, objectAt } from "../json.ts";
import { type Resource } from "../resource.ts";
import { type ApiRequest } from "../http/api-request.ts";
import { jsonAnswer, type WholeAnswer } from "../http/answer.ts";
import { type Page } from "../http/list.ts";
import { type Column, columnsOf } from "./columns.ts";

/** Whether a client wants rows and columns rather than objects. */
export function isTableRequest(request: ApiRequest): boolean {
  const accept = request.headers.accept ?? "";
  return accept.includes("as=Table") && accept.includes("g=meta.k8s.io");
}

/** An object or a page, in the form that the client asked for. */
export function answerWith(
  request: ApiRequest,
  resource: Resource,
  code: number,
  object: JsonObject,
  warnings: readonly string[],
  state: ClusterState,
  page?: Page,
): WholeAnswer {
  if (!isTableRequest(request)) return jsonAnswer(code, object, warnings);
  const items = page?.items ?? [object];
  const metadata = page?.metadata ?? {
    resourceVersion: objectAt(object, "metadata")["resourceVersion"] ?? "",
  };
  return jsonAnswer(
    code,
    tableOf(request, resource, items, metadata, state.clock.nowMs(), true),
    warnings,
  );
}

/** Shapes a watch's objects as tables of one row; only the first repeats the columns. */
export function tableShape(
  request: ApiRequest,
  resource: Resource,
  state: ClusterState,
): (object: JsonObject, isFirst: boolean) => JsonObject {
  return (object, isFirst) => {
    const version = objectAt(object, "metadata")["resourceVersion"] ?? "";
    const metadata = { resourceVersion: version };
    return tableOf(
      request,
      resource,
      [object],
      metadata,
      state.clock.nowMs(),
      isFirst,
    );
  };
}

function tableOf(
  request: ApiRequest,
  resource: Resource,
  items: readonly JsonObject[],
  metadata: JsonObject,
  now: number,
  withColumns: boolean,
): JsonObject {
  const columns = columnsOf(resource);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: withColumns ? columns.map(describe) : null,
    rows: items.map((object) => ({
      cells: columns.map((column) => column.cell(object, now)),
      object: rowObject(request, object),
    })),
  };
}

function describe(column: Column): JsonObject {
  return {
    name: column.name,
    type: column.type ?? "string",
    format: column.name === "Name" ? "name" : "",
    description: column.description ?? "",
    priority: column.priority ?? 0,
  };
}

function rowObject(request: ApiRequest, object: JsonObject): Json {
  switch (request.query.get("includeObject")) {
    case "None":
      return null;
    case "Object":
      return object;
    default:
      return {
        kind: "PartialObjectMetadata",
        apiVersion: "meta.k8s.io/v1",
        metadata: object["metadata"] ?? {},
      };
  }
}
