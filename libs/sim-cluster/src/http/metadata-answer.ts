import { type JsonObject } from "../json.ts";
import { type ApiRequest } from "./api-request.ts";
import { type Page } from "./list.ts";

const group = { apiVersion: "meta.k8s.io/v1" };

/** Whether a client wants metadata alone: of one object, or of a list. */
export function isMetadataRequest(
  request: ApiRequest,
  form: "PartialObjectMetadata" | "PartialObjectMetadataList",
): boolean {
  const accept = request.headers.accept ?? "";
  return accept.includes(`as=${form};`) && accept.includes("g=meta.k8s.io");
}

/** An object without all but its metadata. */
export function metadataOf({ metadata }: JsonObject): JsonObject {
  return { kind: "PartialObjectMetadata", ...group, metadata: metadata ?? {} };
}

/** The metadata of a page's objects; the real server writes an empty list as null. */
export function metadataListOf({ items, metadata }: Page): JsonObject {
  return {
    kind: "PartialObjectMetadataList",
    ...group,
    metadata,
    items: items.length === 0 ? null : items.map(metadataOf),
  };
}
