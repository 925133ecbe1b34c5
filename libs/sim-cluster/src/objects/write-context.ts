import { printTime } from "../print-time.ts";
import { type ClusterState, type WriteRequest } from "../cluster-state.ts";
import { type JsonObject, listAt, objectAt } from "../json.ts";
import { decodeFieldSet } from "../merge/field-set.ts";
import {
  decodeManagers,
  encodeManagers,
  type Managers,
} from "../merge/managed-fields.ts";
import {
  type MergeKind,
  updateManagers,
  withoutManagedFields,
  type Writer,
} from "../merge/ownership.ts";
import { keepsStatus } from "../kinds/strategy.ts";
import { apiVersionOf, type Resource } from "../resource.ts";

const nothing = decodeFieldSet({});
const statusOnly = decodeFieldSet({ "f:status": {} });
/** What a write of the status does not own: everything else of a built-in kind's spec. */
const specOnly = decodeFieldSet({ "f:spec": {} });
const allButStatus = decodeFieldSet({ "f:spec": {}, "f:metadata": {} });

/** How a resource merges at an endpoint. */
export function mergeKindOf(
  resource: Resource,
  subresource: string,
): MergeKind {
  const { schema } = resource;
  if (subresource === "status")
    return {
      schema,
      ignored: resource.custom === undefined ? specOnly : allButStatus,
    };
  return { schema, ignored: keepsStatus(resource) ? statusOnly : nothing };
}

/** Who a write is recorded as. */
export function writerOf(
  state: ClusterState,
  resource: Resource,
  request: WriteRequest,
  subresource: string,
): Writer {
  return {
    manager: request.fieldManager,
    apiVersion: apiVersionOf(resource),
    subresource,
    time: subresource === "scale" ? undefined : printTime(state.clock.nowMs()),
  };
}

/** Writes managedFields into the object in place. */
export function setManagers(object: JsonObject, managers: Managers): void {
  const entries = encodeManagers(managers);
  const metadata = objectAt(object, "metadata");
  if (entries.length === 0) delete metadata["managedFields"];
  else metadata["managedFields"] = entries;
}

/** Whose fields are whose after an update that sent `next`; a client may reset the record with an empty one. */
export function managersAfterUpdate(
  kind: MergeKind,
  live: JsonObject,
  next: JsonObject,
  writer: Writer,
): Managers {
  const sent = objectAt(next, "metadata")["managedFields"];
  const isCreate = objectAt(live, "metadata")["uid"] === undefined;
  if (isReset(sent) && writer.subresource === "") return new Map();
  const given = writer.subresource === "" ? decodeManagers(next) : new Map();
  const managers = given.size > 0 ? given : decodeManagers(live);
  // An object whose record was reset is not tracked again before its next apply.
  if (managers.size === 0 && !isCreate) return managers;
  return updateManagers(
    kind,
    withoutManagedFields(live),
    withoutManagedFields(next),
    managers,
    writer,
  );
}

function isReset(sent: unknown): boolean {
  if (!Array.isArray(sent)) return false;
  if (sent.length === 0) return true;
  return sent.length === 1 && Object.keys(sent[0] as object).length === 0;
}

/** Finalizers of an object. */
export function finalizersOf(object: JsonObject): string[] {
  return listAt(objectAt(object, "metadata"), "finalizers").map(String);
}
