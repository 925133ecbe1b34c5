import {
  cloneJson,
  isObject,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { objectKey } from "../store.ts";
import { type Controller, type ControllerContext } from "./controller.ts";
import {
  controllerReference,
  isDeleting,
  namespaceOf,
  ownersOfKind,
  podFrom,
} from "./owned.ts";
import { isReady } from "./pods.ts";
import { templateHash } from "./template-hash.ts";

const storage = "apps/statefulsets";
const revisionLabel = "controller-revision-hash";

/** Keeps numbered pods with their claims, one after the other unless told otherwise. */
export const statefulSetController: Controller = {
  name: "statefulset",
  resource: storage,
  also: { "/pods": ownersOfKind("StatefulSet") },
  reconcile(context, key) {
    const set = context.get(storage, key);
    if (set === undefined || isDeleting(set)) return undefined;
    step(context, set);
    report(context, set);
    return undefined;
  },
};

const nameOf = (object: JsonObject) =>
  stringAt(objectAt(object, "metadata"), "name");
const revisionOf = (set: JsonObject) =>
  `${nameOf(set)}-${templateHash(objectAt(objectAt(set, "spec"), "template"))}`;
const podRevision = (pod: JsonObject) =>
  stringAt(objectAt(objectAt(pod, "metadata"), "labels"), revisionLabel);
const ordinalOf = (pod: JsonObject) => Number(nameOf(pod).split("-").pop());

function podsOf(context: ControllerContext, set: JsonObject): JsonObject[] {
  return context
    .controlled(set, "/pods")
    .filter((pod) => !isDeleting(pod))
    .sort((a, b) => ordinalOf(a) - ordinalOf(b));
}

/** One step: make what is missing, else drop the last surplus pod, else replace the last outdated one. */
function step(context: ControllerContext, set: JsonObject): void {
  const spec = objectAt(set, "spec");
  const wanted = numberAt(spec, "replicas", 1);
  const parallel = spec["podManagementPolicy"] === "Parallel";
  const pods = podsOf(context, set);
  const present = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
  for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
    const pod = present.get(ordinal);
    if (pod === undefined) createPod(context, set, ordinal);
    if (!parallel && (pod === undefined || !isReady(pod))) {
      replaceStuck(context, set, pod);
      return;
    }
  }
  const surplus = pods.filter((pod) => ordinalOf(pod) >= wanted).reverse();
  for (const pod of parallel ? surplus : surplus.slice(0, 1))
    context.delete("/pods", pod);
  if (surplus.length === 0 && pods.every(isReady))
    replaceOutdated(context, set, pods);
}

/** A pod of an older revision that never became ready would block its own replacement. */
function replaceStuck(
  context: ControllerContext,
  set: JsonObject,
  pod: JsonObject | undefined,
): void {
  if (pod !== undefined && podRevision(pod) !== revisionOf(set))
    context.delete("/pods", pod);
}

function replaceOutdated(
  context: ControllerContext,
  set: JsonObject,
  pods: readonly JsonObject[],
): void {
  const strategy = objectAt(objectAt(set, "spec"), "updateStrategy");
  if (strategy["type"] !== "RollingUpdate") return;
  const partition = numberAt(
    objectAt(strategy, "rollingUpdate"),
    "partition",
    0,
  );
  const outdated = [...pods]
    .reverse()
    .find(
      (pod) =>
        ordinalOf(pod) >= partition && podRevision(pod) !== revisionOf(set),
    );
  if (outdated !== undefined) context.delete("/pods", outdated);
}

function createPod(
  context: ControllerContext,
  set: JsonObject,
  ordinal: number,
): void {
  const spec = objectAt(set, "spec");
  const name = `${nameOf(set)}-${ordinal}`;
  const claims = listAt(spec, "volumeClaimTemplates").filter(isObject);
  for (const claim of claims) createClaim(context, set, claim, name);
  const pod = podFrom(set, objectAt(spec, "template"), {
    name,
    labels: {
      [revisionLabel]: revisionOf(set),
      "statefulset.kubernetes.io/pod-name": name,
      "apps.kubernetes.io/pod-index": String(ordinal),
    },
  });
  const podSpec = objectAt(pod, "spec");
  podSpec["hostname"] = name;
  if (stringAt(spec, "serviceName") !== "")
    podSpec["subdomain"] = stringAt(spec, "serviceName");
  if (claims.length > 0)
    podSpec["volumes"] = [
      ...claims.map((claim) => ({
        name: nameOf(claim),
        persistentVolumeClaim: { claimName: `${nameOf(claim)}-${name}` },
      })),
      ...listAt(podSpec, "volumes"),
    ];
  context.create("/pods", namespaceOf(set), pod);
}

function createClaim(
  context: ControllerContext,
  set: JsonObject,
  claim: JsonObject,
  podName: string,
): void {
  const name = `${nameOf(claim)}-${podName}`;
  const storageKey = "/persistentvolumeclaims";
  if (context.get(storageKey, objectKey(namespaceOf(set), name)) !== undefined)
    return;
  const selector = objectAt(
    objectAt(objectAt(set, "spec"), "selector"),
    "matchLabels",
  );
  const deletes =
    objectAt(objectAt(set, "spec"), "persistentVolumeClaimRetentionPolicy")[
      "whenDeleted"
    ] === "Delete";
  context.create(storageKey, namespaceOf(set), {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...cloneJson(objectAt(claim, "metadata")),
      name,
      labels: {
        ...objectAt(objectAt(claim, "metadata"), "labels"),
        ...selector,
      },
      ...(deletes ? { ownerReferences: [controllerReference(set)] } : {}),
    },
    spec: cloneJson(objectAt(claim, "spec")),
  });
}

function report(context: ControllerContext, set: JsonObject): void {
  const pods = podsOf(context, set);
  const revision = revisionOf(set);
  const ready = pods.filter(isReady).length;
  const updated = pods.filter((pod) => podRevision(pod) === revision).length;
  const before = stringAt(objectAt(set, "status"), "currentRevision");
  const wanted = numberAt(objectAt(set, "spec"), "replicas", 1);
  const complete = updated === wanted && ready === wanted;
  const current = complete || before === "" ? revision : before;
  const currentPods = pods.filter((pod) => podRevision(pod) === current).length;
  const count = (key: string, value: number) =>
    value > 0 ? { [key]: value } : {};
  context.setStatus(storage, set, {
    observedGeneration: numberAt(objectAt(set, "metadata"), "generation", 1),
    replicas: pods.length,
    ...count("readyReplicas", ready),
    ...count("currentReplicas", currentPods),
    ...count("updatedReplicas", updated),
    currentRevision: current,
    updateRevision: revision,
    collisionCount: 0,
    availableReplicas: ready,
  });
}
