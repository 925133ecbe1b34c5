import { type ClusterState, type WriteRequest } from "../cluster-state.ts";
import {
  cloneJson,
  ensureObject,
  type JsonObject,
  objectAt,
  stringAt,
} from "../json.ts";
import { emptyObject, fillDefaults, readShape } from "../kinds/read-object.ts";
import { decodeManagers, type Managers } from "../merge/managed-fields.ts";
import {
  applyConfiguration,
  updateManagers,
  withoutManagedFields,
  type Writer,
} from "../merge/ownership.ts";
import { findTypedProblems } from "../merge/typed-problems.ts";
import { apiVersionOf, type Resource } from "../resource.ts";
import { badRequest, conflict, StatusFailure } from "../status-failure.ts";
import { storeNew } from "./create.ts";
import { requireSameObject, requireSameUid } from "./identity.ts";
import { storeNext } from "./update.ts";
import { mergeKindOf, setManagers, writerOf } from "./write-context.ts";

/** Where an apply is aimed. */
export interface ApplyTarget {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  /** Undefined when the object is to be made. */
  readonly live: JsonObject | undefined;
}

/** Server-side apply. The result is the live object itself when nothing changed. */
export function applyObject(
  state: ClusterState,
  target: ApplyTarget,
  config: JsonObject,
  request: WriteRequest,
  force: boolean,
): JsonObject {
  const { resource, live, subresource } = target;
  requireConfig(state, target, config);
  const writer = writerOf(state, resource, request, subresource);
  const kind = mergeKindOf(resource, subresource);
  const base = live ?? emptyObject(resource);
  const bare = withoutManagedFields(base);
  const sent = withoutServerChecks(config);
  const applied = applyConfiguration(
    kind,
    bare,
    sent,
    managersBefore(target, base, writer),
    writer,
    force,
  );
  const next = cloneJson(applied.object ?? bare);
  if (applied.object !== undefined) settle(resource, next);
  setManagers(next, applied.managers);
  if (live !== undefined) {
    requireSameUid(resource, live, config);
    requireSameObject(resource, live, config);
    return storeNext(state, resource, live, next, request, subresource);
  }
  requireNoUid(target, config);
  const metadata = ensureObject(next, "metadata");
  metadata["name"] = target.name;
  if (resource.namespaced) metadata["namespace"] = target.namespace;
  return storeNew(state, resource, target.namespace, next, request);
}

/** Reads the merged object as Go would, in place, with defaults. */
function settle(resource: Resource, next: JsonObject): void {
  const { value, mismatch } = readShape(resource, next);
  if (mismatch !== undefined) throw badRequest(mismatch);
  for (const key of Object.keys(next)) delete next[key];
  Object.assign(next, value);
  fillDefaults(resource, next);
}

/** Preconditions travel in the configuration, but nobody owns them. */
function withoutServerChecks(config: JsonObject): JsonObject {
  const {
    uid: _uid,
    resourceVersion: _version,
    ...metadata
  } = objectAt(config, "metadata");
  return { ...config, metadata };
}

/** The managers to merge into; an untracked live object first gets an entry of its own. */
function managersBefore(
  target: ApplyTarget,
  base: JsonObject,
  writer: Writer,
): Managers {
  const known = decodeManagers(base);
  if (known.size > 0 || target.live === undefined) return known;
  return updateManagers(
    mergeKindOf(target.resource, target.subresource),
    emptyObject(target.resource),
    withoutManagedFields(base),
    new Map(),
    { ...writer, manager: "before-first-apply" },
  );
}

function requireConfig(
  state: ClusterState,
  target: ApplyTarget,
  config: JsonObject,
): void {
  const { resource } = target;
  const apiVersion = stringAt(config, "apiVersion");
  const wanted = apiVersionOf(resource);
  if (state.resources.ofKind(apiVersion, resource.kind) === undefined)
    throw badRequest(
      `invalid object type: ${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${stringAt(config, "kind")}`,
    );
  if (apiVersion !== wanted)
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${apiVersion}, expected: ${wanted}`,
    );
  const metadata = objectAt(config, "metadata");
  if (Array.isArray(metadata["managedFields"]))
    throw badRequest("metadata.managedFields must be nil");
  const problems = findTypedProblems(resource.schema, config);
  if (problems.length > 0) throw untypable(target, config, problems);
  const name = stringAt(metadata, "name");
  if (name !== "" && name !== target.name)
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${target.name})`,
    );
  const namespace = stringAt(metadata, "namespace");
  if (namespace !== "" && resource.namespaced && namespace !== target.namespace)
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
}

function untypable(
  target: ApplyTarget,
  config: JsonObject,
  problems: readonly string[],
): StatusFailure {
  const metadata = objectAt(config, "metadata");
  const where = `${stringAt(metadata, "namespace")}/${stringAt(metadata, "name")}; ${apiVersionOf(target.resource)}, Kind=${target.resource.kind}`;
  const text =
    problems.length === 1
      ? problems[0]
      : `errors:\n${problems.map((each) => `  ${each}`).join("\n")}`;
  return new StatusFailure(
    500,
    "",
    `failed to create typed patch object (${where}): ${text}`,
  );
}

function requireNoUid(target: ApplyTarget, config: JsonObject): void {
  const uid = stringAt(objectAt(config, "metadata"), "uid");
  if (uid === "") return;
  throw conflict(
    target.resource,
    target.name,
    `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
  );
}
