import { compareBytewise } from "./canonical-json.ts";
import { type Json, type JsonObject, isJsonObject } from "./json.ts";

/**
 * A Kubernetes object as JSON: it has an apiVersion, a kind and a name.
 * Everything else stays as it came, known to us or not.
 */
export interface KubeObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMetadata;
}

/** The part of an object's metadata that we read. */
export interface KubeMetadata extends JsonObject {
  readonly name: string;
}

/** What an object is, whatever version it is written in. `namespace` is empty for a cluster-scoped object. */
export interface ObjectId {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** `group`, `version` and `kind`; the core group is the empty text. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Splits an apiVersion such as `apps/v1` or `v1`. */
export function parseApiVersion(apiVersion: string): {
  group: string;
  version: string;
} {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion }
    : {
        group: apiVersion.slice(0, slash),
        version: apiVersion.slice(slash + 1),
      };
}

/** The apiVersion of a group and a version. */
export function formatApiVersion(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The group, version and kind that an object is written in. */
export function gvkOf(object: KubeObject): GroupVersionKind {
  return { ...parseApiVersion(object.apiVersion), kind: object.kind };
}

/** The identity of an object. An absent namespace is empty. */
export function objectIdOf(object: KubeObject): ObjectId {
  const { namespace } = object.metadata;
  return {
    group: parseApiVersion(object.apiVersion).group,
    kind: object.kind,
    namespace: typeof namespace === "string" ? namespace : "",
    name: object.metadata.name,
  };
}

/** `group/Kind/namespace/name`: the key of an identity in maps, inventories and sorts. Reversible. */
export function objectKey(id: ObjectId): string {
  return `${id.group}/${id.kind}/${id.namespace}/${id.name}`;
}

/** The identity of a key that `objectKey` made, or undefined. */
export function parseObjectKey(key: string): ObjectId | undefined {
  const parts = key.split("/");
  const [group, kind, namespace, ...name] = parts;
  if (group === undefined || !kind || namespace === undefined) return undefined;
  return name.join("/") === ""
    ? undefined
    : { group, kind, namespace, name: name.join("/") };
}

/** `Kind/namespace/name`, or `Kind/name` without a namespace: how a person reads it. */
export function formatObjectId(id: ObjectId): string {
  return id.namespace === ""
    ? `${id.kind}/${id.name}`
    : `${id.kind}/${id.namespace}/${id.name}`;
}

/** Orders identities bytewise by key: the order of an artifact's lines. */
export function compareObjectIds(a: ObjectId, b: ObjectId): number {
  return compareBytewise(objectKey(a), objectKey(b));
}

/** Whether a value has what every Kubernetes object must have: apiVersion, kind and metadata.name. */
export function isKubeObject(value: unknown): value is KubeObject {
  return (
    isJsonObject(value) &&
    isText(value["apiVersion"]) &&
    isText(value["kind"]) &&
    isJsonObject(value["metadata"]) &&
    isText(value["metadata"]["name"])
  );
}

function isText(value: Json | undefined): value is string {
  return typeof value === "string" && value !== "";
}
