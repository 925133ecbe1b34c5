import { type ClusterState } from "../cluster-state.ts";
import {
  ensureObject,
  equalJson,
  isObject,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { hasSubresource, type Resource } from "../resource.ts";
import { normalizeObject } from "./normalize.ts";
import { allocateService } from "./service-addresses.ts";

/** Built-in types whose spec has a generation, by group. */
const generationGroups = new Set([
  "apps",
  "policy",
  "networking.k8s.io",
  "apiextensions.k8s.io",
  "admissionregistration.k8s.io",
  "flowcontrol.apiserver.k8s.io",
]);
const generationTypes = new Set([
  "batch.v1.Job",
  "batch.v1.CronJob",
  "core.v1.Pod",
  "core.v1.ReplicationController",
]);
const withoutGeneration = new Set([
  "networking.v1.IPAddress",
  "networking.v1.ServiceCIDR",
]);

function hasGeneration(resource: Resource): boolean {
  const { type, group } = resource;
  if (type === undefined) return true;
  if (withoutGeneration.has(type)) return false;
  return generationTypes.has(type) || generationGroups.has(group);
}

/** Whether writes of the object itself leave its status alone. */
export function keepsStatus(resource: Resource): boolean {
  return hasSubresource(resource, "status");
}

/** Fills in place what the server decides when an object is made. */
export function prepareForCreate(
  state: ClusterState,
  resource: Resource,
  object: JsonObject,
): void {
  const metadata = ensureObject(object, "metadata");
  if (keepsStatus(resource) && "status" in object) {
    const status = resource.schema.fields.get("status");
    if (status?.zeroStruct === true && status.schema.kind === "map")
      object["status"] = normalizeObject(status.schema, {}).value;
    else delete object["status"];
  }
  if (hasGeneration(resource)) metadata["generation"] = 1;
  creators[resource.type ?? ""]?.(state, object, metadata);
}

type Creator = (
  state: ClusterState,
  object: JsonObject,
  metadata: JsonObject,
) => void;

const protectedBy =
  (finalizer: string): Creator =>
  (_state, object, metadata) => {
    const finalizers = listAt(metadata, "finalizers");
    if (!finalizers.includes(finalizer))
      metadata["finalizers"] = [...finalizers, finalizer];
    ensureObject(object, "status")["phase"] = "Pending";
  };

const creators: Readonly<Record<string, Creator>> = {
  "core.v1.Namespace": (_state, object) => {
    ensureObject(object, "spec")["finalizers"] = ["kubernetes"];
    object["status"] = { phase: "Active" };
  },
  "core.v1.Pod": (_state, object) => {
    object["status"] = { phase: "Pending", qosClass: qosClass(object) };
  },
  "core.v1.PersistentVolumeClaim": protectedBy("kubernetes.io/pvc-protection"),
  "core.v1.PersistentVolume": protectedBy("kubernetes.io/pv-protection"),
  "core.v1.Service": (state, object) => {
    object["status"] = { loadBalancer: {} };
    allocateService(state, object, undefined);
  },
  "policy.v1.PodDisruptionBudget": (_state, object) => {
    object["status"] = {
      disruptionsAllowed: 0,
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
    };
  },
  "batch.v1.Job": (_state, object, metadata) =>
    labelJob(object, stringAt(metadata, "uid"), stringAt(metadata, "name")),
  "apiextensions.v1.CustomResourceDefinition": (_state, object) => {
    const versions = listAt(objectAt(object, "spec"), "versions");
    const stored = versions
      .filter(isObject)
      .filter((each) => each["storage"] === true)
      .map((each) => stringAt(each, "name"));
    object["status"] = {
      conditions: null,
      acceptedNames: { plural: "", kind: "" },
      storedVersions: stored,
    };
  },
};

function qosClass(pod: JsonObject): string {
  const containers = listAt(objectAt(pod, "spec"), "containers").filter(
    isObject,
  );
  const sets = containers.map((each) => objectAt(each, "resources"));
  if (sets.every((each) => Object.keys(each).length === 0)) return "BestEffort";
  const guaranteed = sets.every((each) => {
    const limits = objectAt(each, "limits");
    return (
      "cpu" in limits &&
      "memory" in limits &&
      equalJson(limits, objectAt(each, "requests"))
    );
  });
  return guaranteed ? "Guaranteed" : "Burstable";
}

/** A job selects its pods by its own uid, unless it says how. */
function labelJob(job: JsonObject, uid: string, name: string): void {
  const spec = ensureObject(job, "spec");
  if (spec["manualSelector"] === true) return;
  const metadata = ensureObject(ensureObject(spec, "template"), "metadata");
  const labels = ensureObject(metadata, "labels");
  const own = { "batch.kubernetes.io/controller-uid": uid };
  Object.assign(labels, {
    ...own,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  });
  spec["selector"] ??= { matchLabels: own };
  const jobMetadata = ensureObject(job, "metadata");
  jobMetadata["labels"] ??= { ...labels };
}

/** Carries over in place what an update may not change, and counts the generation. */
export function prepareForUpdate(
  state: ClusterState,
  resource: Resource,
  live: JsonObject,
  next: JsonObject,
  subresource: string,
): void {
  if (subresource === "status") keepAllButStatus(resource, live, next);
  else if (keepsStatus(resource)) carry(live, next, "status");
  if (resource.type === "core.v1.Namespace" && subresource !== "finalize")
    carrySpecFinalizers(live, next);
  if (resource.type === "core.v1.Service" && subresource === "")
    allocateService(state, next, live);
  if (subresource === "status" || !hasGeneration(resource)) return;
  const before = objectAt(live, "metadata");
  const metadata = ensureObject(next, "metadata");
  const changed = !equalJson(specOf(live), specOf(next));
  const removal =
    before["deletionTimestamp"] === undefined &&
    metadata["deletionTimestamp"] !== undefined;
  const generation = numberAt(before, "generation", 0);
  metadata["generation"] = changed || removal ? generation + 1 : generation;
}

/** What a generation counts: all but metadata and status. */
function specOf(object: JsonObject): JsonObject {
  const { metadata: _m, status: _s, ...rest } = object;
  return rest;
}

function carry(live: JsonObject, next: JsonObject, key: string): void {
  const value = live[key];
  if (value === undefined) delete next[key];
  else next[key] = value;
}

function keepAllButStatus(
  resource: Resource,
  live: JsonObject,
  next: JsonObject,
): void {
  for (const key of new Set([...Object.keys(live), ...Object.keys(next)]))
    if (!["status", "metadata", "apiVersion", "kind"].includes(key))
      carry(live, next, key);
  const metadata = objectAt(next, "metadata");
  const before = objectAt(live, "metadata");
  // A custom resource's status carries no metadata along; a built-in one's does.
  const kept =
    resource.custom === undefined
      ? {
          ...metadata,
          ...pick(before, ["ownerReferences", "deletionTimestamp"]),
        }
      : { ...before, managedFields: metadata["managedFields"] ?? [] };
  next["metadata"] = kept as JsonObject;
}

function pick(owner: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = owner[key];
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}

function carrySpecFinalizers(live: JsonObject, next: JsonObject): void {
  const finalizers = objectAt(live, "spec")["finalizers"];
  const spec = ensureObject(next, "spec");
  if (finalizers === undefined) delete spec["finalizers"];
  else spec["finalizers"] = finalizers;
}

/** Whether nothing holds a deleted object any longer. */
export function isReleased(resource: Resource, object: JsonObject): boolean {
  const metadata = objectAt(object, "metadata");
  if (metadata["deletionTimestamp"] === undefined) return false;
  if (listAt(metadata, "finalizers").length > 0) return false;
  if (resource.type !== "core.v1.Namespace") return true;
  return listAt(objectAt(object, "spec"), "finalizers").length === 0;
}
