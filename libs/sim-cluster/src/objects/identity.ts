import { type JsonObject, objectAt, stringAt } from "../json.ts";
import { apiVersionOf, type Resource } from "../resource.ts";
import {
  badRequest,
  conflict,
  type FieldProblem,
  invalid,
  objectModified,
} from "../status-failure.ts";

/** Refuses a body of another kind or version than the path's. */
export function requireKind(resource: Resource, body: JsonObject): void {
  const apiVersion = stringAt(body, "apiVersion");
  const kind = stringAt(body, "kind");
  if (apiVersion === "") body["apiVersion"] = apiVersionOf(resource);
  if (kind === "") body["kind"] = resource.kind;
  if (kind !== "" && kind !== resource.kind)
    throw badRequest(
      `${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: no kind "${kind}" is registered for version "${apiVersionOf(resource)}"`,
    );
  if (apiVersion !== "" && apiVersion !== apiVersionOf(resource))
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(resource)})`,
    );
}

function registryKey(resource: Resource, metadata: JsonObject): string {
  const group = resource.custom === undefined ? "" : `${resource.group}/`;
  const namespace = resource.namespaced
    ? `${stringAt(metadata, "namespace")}/`
    : "";
  return `/registry/${group}${resource.plural}/${namespace}${stringAt(metadata, "name")}`;
}

/** Refuses a patch or an apply that names another uid than the live object's. */
export function requireSameUid(
  resource: Resource,
  live: JsonObject,
  next: JsonObject,
): void {
  const before = objectAt(live, "metadata");
  const uid = stringAt(objectAt(next, "metadata"), "uid");
  if (uid === "" || uid === before["uid"]) return;
  const refused: FieldProblem = {
    kind: "invalid",
    field: "metadata.uid",
    value: uid,
    detail: "field is immutable",
  };
  // The real server checks it twice, and lists both findings.
  throw invalid(resource, stringAt(before, "name"), [refused, refused]);
}

/** Refuses an update that was made for another incarnation or an older state of the object. */
export function requireSameObject(
  resource: Resource,
  live: JsonObject,
  next: JsonObject,
): void {
  const before = objectAt(live, "metadata");
  const metadata = objectAt(next, "metadata");
  const name = stringAt(before, "name");
  const uid = stringAt(metadata, "uid");
  if (uid !== "" && uid !== before["uid"])
    throw conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: ${registryKey(resource, before)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${stringAt(before, "uid")}`,
    );
  const version = stringAt(metadata, "resourceVersion");
  if (version !== "" && version !== before["resourceVersion"])
    throw conflict(resource, name, objectModified);
}
