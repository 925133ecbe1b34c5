import { type KubeObject } from "@wheelhouse/kube-object";
import { conditionsOf, fieldAt, integerAt, textAt } from "./object-fields.ts";
import { current, failed, inProgress } from "./object-health.ts";
import { type ObjectHealth } from "./object-status.ts";

/** What the deployment controller takes for "no deadline": the largest 32-bit integer. */
const noDeadlineSeconds = 2_147_483_647;

/** Deployment: Failed past its progress deadline; Current when all replicas are new and available. */
export function deploymentHealth(object: KubeObject): ObjectHealth {
  const conditions = conditionsOf(object);
  const progressing = conditions.filter(({ type }) => type === "Progressing");
  const late = progressing.find(
    ({ reason }) => reason === "ProgressDeadlineExceeded",
  );
  if (late !== undefined) {
    return failed(late.message || "progress deadline exceeded");
  }
  const counts = checkDeploymentCounts(object);
  if (counts !== undefined) return counts;
  const hasDeadline =
    (integerAt(object, "spec", "progressDeadlineSeconds") ??
      noDeadlineSeconds) !== noDeadlineSeconds;
  const isComplete = progressing.some(
    ({ status, reason }) =>
      status === "True" && reason === "NewReplicaSetAvailable",
  );
  if (hasDeadline && !isComplete) {
    const isPaused = fieldAt(object, "spec", "paused") === true;
    return inProgress(
      isPaused ? "deployment is paused" : "new replica set is not available",
    );
  }
  const isAvailable = conditions.some(
    ({ type, status }) => type === "Available" && status === "True",
  );
  return isAvailable
    ? current(`${statusCount(object, "replicas")} replicas available`)
    : inProgress("deployment is not available");
}

function checkDeploymentCounts(object: KubeObject): ObjectHealth | undefined {
  const wanted = wantedReplicas(object);
  const replicas = statusCount(object, "replicas");
  const updated = statusCount(object, "updatedReplicas");
  const ready = statusCount(object, "readyReplicas");
  const available = statusCount(object, "availableReplicas");
  if (wanted > replicas) return ofReplicas(replicas, wanted, "created");
  // A deployment ends old pods only once new ones stand: those that are not Ready are mostly new.
  const unready = Math.min(updated, Math.max(0, replicas - ready));
  const stuck =
    unready === 0 ? [] : [`${unready} of ${newOnes(updated)} not Ready`];
  if (wanted > updated) {
    return inProgress(
      [`${updated} of ${wanted} replicas updated`, ...stuck].join("; "),
    );
  }
  if (replicas > wanted) {
    return inProgress([...stuck, stillToEnd(replicas - wanted)].join("; "));
  }
  if (updated > available) return ofReplicas(available, updated, "available");
  return wanted > ready ? ofReplicas(ready, wanted, "ready") : undefined;
}

/** StatefulSet: Current when all replicas are ready and of the updated revision, or as many as its partition lets. */
export function statefulSetHealth(object: KubeObject): ObjectHealth {
  if (textAt(object, "spec", "updateStrategy", "type") === "OnDelete") {
    return current("updates when its pods are deleted (OnDelete)");
  }
  const wanted = wantedReplicas(object);
  const replicas = statusCount(object, "replicas");
  const ready = statusCount(object, "readyReplicas");
  const unobserved = checkObserved(object);
  if (unobserved !== undefined) return unobserved;
  if (wanted > replicas) return ofReplicas(replicas, wanted, "created");
  if (wanted > ready) return ofReplicas(ready, wanted, "ready");
  if (replicas > wanted) return surplus(replicas - wanted);
  return statefulSetRevision(object, wanted);
}

function statefulSetRevision(object: KubeObject, wanted: number): ObjectHealth {
  const updated = statusCount(object, "updatedReplicas");
  const partition = integerAt(
    object,
    ...["spec", "updateStrategy", "rollingUpdate", "partition"],
  );
  if (partition !== undefined) {
    const due = wanted - partition;
    return updated < due
      ? ofReplicas(updated, due, "updated")
      : current(`${updated} replicas updated, partition ${partition}`);
  }
  const atCurrent = statusCount(object, "currentReplicas");
  if (wanted > atCurrent) {
    return ofReplicas(atCurrent, wanted, "at the current revision");
  }
  const isRolling =
    textAt(object, "status", "currentRevision") !==
    textAt(object, "status", "updateRevision");
  return isRolling
    ? inProgress("updated revision is not the current one yet")
    : current(`${wanted} replicas ready`);
}

/** DaemonSet: Current when every node that wants a pod has a new and available one. */
export function daemonSetHealth(object: KubeObject): ObjectHealth {
  if (integerAt(object, "metadata", "generation") === undefined) {
    return inProgress("has no generation");
  }
  const unobserved = checkObserved(object);
  if (unobserved !== undefined) return unobserved;
  const wanted = integerAt(object, "status", "desiredNumberScheduled");
  if (wanted === undefined) return inProgress("number of nodes is not known");
  const steps = [
    ["currentNumberScheduled", "scheduled"],
    ["updatedNumberScheduled", "updated"],
    ["numberAvailable", "available"],
    ["numberReady", "ready"],
  ] as const;
  for (const [field, word] of steps) {
    const count = statusCount(object, field);
    if (wanted > count) return ofReplicas(count, wanted, word);
  }
  return current(`${wanted} pods ready`);
}

/** ReplicaSet: Current when all replicas are labelled, available and ready. */
export function replicaSetHealth(object: KubeObject): ObjectHealth {
  const failure = conditionsOf(object).find(
    ({ type, status }) => type === "ReplicaFailure" && status === "True",
  );
  if (failure !== undefined) {
    return inProgress(failure.message || "replicas cannot be created");
  }
  const unobserved = checkObserved(object);
  if (unobserved !== undefined) return unobserved;
  const wanted = wantedReplicas(object);
  const steps = [
    ["fullyLabeledReplicas", "labelled"],
    ["availableReplicas", "available"],
    ["readyReplicas", "ready"],
  ] as const;
  for (const [field, word] of steps) {
    const count = statusCount(object, field);
    if (wanted > count) return ofReplicas(count, wanted, word);
  }
  const replicas = statusCount(object, "replicas");
  return replicas > wanted
    ? surplus(replicas - wanted)
    : current(`${wanted} replicas available`);
}

/** These kinds always get an observedGeneration, so its absence means that no controller has looked. */
function checkObserved(object: KubeObject): ObjectHealth | undefined {
  return integerAt(object, "status", "observedGeneration") === undefined
    ? inProgress("no controller has observed it yet")
    : undefined;
}

function wantedReplicas(object: KubeObject): number {
  return integerAt(object, "spec", "replicas") ?? 1;
}

function statusCount(object: KubeObject, field: string): number {
  return integerAt(object, "status", field) ?? 0;
}

function ofReplicas(count: number, wanted: number, word: string): ObjectHealth {
  return inProgress(`${count} of ${wanted} replicas ${word}`);
}

function surplus(count: number): ObjectHealth {
  return inProgress(stillToEnd(count));
}

function stillToEnd(count: number): string {
  return `${count} old ${count === 1 ? "replica" : "replicas"} still to end`;
}

function newOnes(count: number): string {
  return `${count} new ${count === 1 ? "replica" : "replicas"}`;
}
