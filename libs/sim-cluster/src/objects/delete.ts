import { printTime } from "../print-time.ts";
import { type ClusterState, type WriteRequest } from "../cluster-state.ts";
import {
  cloneJson,
  ensureObject,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { isReleased } from "../kinds/strategy.ts";
import { type Resource } from "../resource.ts";
import { conflict } from "../status-failure.ts";
import { keyOf } from "../store.ts";
import { finalizersOf } from "./write-context.ts";

const definitionType = "apiextensions.v1.CustomResourceDefinition";
/** Holds a definition until its objects are gone. */
const definitionFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/** What becomes of an object's dependents. */
export type Propagation = "Background" | "Foreground" | "Orphan";

/** How a delete is meant. */
export interface DeleteRequest extends WriteRequest {
  readonly propagation: Propagation | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** A delete's result: the object as it now is, or its last state when it is gone. */
export interface Deleted {
  readonly gone: boolean;
  readonly object: JsonObject;
}

/** Deletes an object, or marks it where finalizers hold it. */
export function deleteObject(
  state: ClusterState,
  resource: Resource,
  live: JsonObject,
  request: DeleteRequest,
): Deleted {
  requirePreconditions(resource, live, request);
  const next = cloneJson(live);
  const metadata = ensureObject(next, "metadata");
  const finalizers = finalizersFor(resource, live, request);
  if (finalizers.length === 0) delete metadata["finalizers"];
  else metadata["finalizers"] = finalizers;
  const first = metadata["deletionTimestamp"] === undefined;
  if (first) mark(state, resource, next);
  if (isReleased(resource, next)) return remove(state, resource, next, request);
  const changed = first || finalizers.join() !== finalizersOf(live).join();
  if (!changed || request.dryRun) return { gone: false, object: next };
  return { gone: false, object: state.store.put(resource.storage, next) };
}

function mark(state: ClusterState, resource: Resource, next: JsonObject): void {
  const metadata = ensureObject(next, "metadata");
  metadata["deletionTimestamp"] = printTime(state.clock.nowMs());
  metadata["deletionGracePeriodSeconds"] = 0;
  const generation = numberAt(metadata, "generation", 0);
  if (generation > 0) metadata["generation"] = generation + 1;
  if (resource.type === definitionType)
    metadata["finalizers"] = [...finalizersOf(next), definitionFinalizer];
  if (resource.type !== "core.v1.Namespace") return;
  ensureObject(next, "status")["phase"] = "Terminating";
  delete metadata["deletionGracePeriodSeconds"];
}

function remove(
  state: ClusterState,
  resource: Resource,
  next: JsonObject,
  request: WriteRequest,
): Deleted {
  if (request.dryRun) return { gone: true, object: next };
  const last = state.store.remove(resource.storage, keyOf(next));
  return { gone: true, object: last ?? next };
}

function requirePreconditions(
  resource: Resource,
  live: JsonObject,
  request: DeleteRequest,
): void {
  const metadata = objectAt(live, "metadata");
  const name = stringAt(metadata, "name");
  const uid = stringAt(metadata, "uid");
  // This refusal alone names the resource by its kind.
  const named = { group: "", plural: resource.kind, kind: resource.kind };
  if (request.uid !== "" && request.uid !== uid)
    throw conflict(
      named,
      name,
      `the UID in the precondition (${request.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  const version = stringAt(metadata, "resourceVersion");
  if (request.resourceVersion !== "" && request.resourceVersion !== version)
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${request.resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`,
    );
}

/** Foreground and orphan deletion are finalizers that the collector takes off. */
function finalizersFor(
  resource: Resource,
  live: JsonObject,
  request: DeleteRequest,
): string[] {
  const others = finalizersOf(live).filter(
    (each) => each !== "foregroundDeletion" && each !== "orphan",
  );
  const kept = finalizersOf(live);
  switch (request.propagation) {
    case "Foreground":
      return kept.includes("foregroundDeletion")
        ? kept
        : [...others, "foregroundDeletion"];
    case "Orphan":
      return kept.includes("orphan") ? kept : [...others, "orphan"];
    case "Background":
      return others;
    case undefined:
      return resource.type === "batch.v1.Job" && !kept.includes("orphan")
        ? [...kept, "orphan"]
        : kept;
  }
}
