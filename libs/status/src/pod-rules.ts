import {
  type KubeObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { conditionsOf, fieldAt, integerAt, textAt } from "./object-fields.ts";
import { current, failed, healthOf, inProgress } from "./object-health.ts";
import { type ObjectHealth } from "./object-status.ts";

/** How long a pod may be unschedulable before that is a failure, in milliseconds. */
const scheduleWindowMs = 15_000;

/** Pod: Current when ready or ended (also badly, as in kstatus), Failed when it crash-loops or cannot be scheduled. */
export function podHealth(
  object: KubeObject,
  now: number | undefined,
): ObjectHealth {
  const phase = textAt(object, "status", "phase");
  switch (phase) {
    case "Succeeded":
      return current("pod has completed");
    case "Failed":
      return current("pod has completed, but not successfully");
    case "Running":
      return runningHealth(object);
    case "Pending":
      return pendingHealth(object, now);
    case "":
      return inProgress("pod has no phase yet");
    default:
      return healthOf("Unknown", `pod is in the unknown phase ${phase}`);
  }
}

function runningHealth(object: KubeObject): ObjectHealth {
  const isReady = conditionsOf(object).some(
    ({ type, status }) => type === "Ready" && status === "True",
  );
  if (isReady) return current("pod is ready");
  const crashing = crashingContainers(object);
  return crashing.length > 0
    ? failed(`containers crash in a loop: ${crashing.join(", ")}`)
    : inProgress("pod is running but not ready");
}

function crashingContainers(object: KubeObject): string[] {
  const statuses = fieldAt(object, "status", "containerStatuses");
  if (!isJsonList(statuses)) return [];
  return statuses
    .filter(isJsonObject)
    .filter(
      (status) =>
        textAt(status, "state", "waiting", "reason") === "CrashLoopBackOff",
    )
    .map((status) => textAt(status, "name"))
    .filter((name) => name !== "");
}

function pendingHealth(
  object: KubeObject,
  now: number | undefined,
): ObjectHealth {
  const scheduled = conditionsOf(object).find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (scheduled?.reason !== "Unschedulable") {
    return inProgress("pod is pending");
  }
  const created = Date.parse(textAt(object, "metadata", "creationTimestamp"));
  const isYoung = now === undefined || now - created < scheduleWindowMs;
  return isYoung
    ? inProgress("pod is not scheduled yet")
    : failed(scheduled.message || "pod cannot be scheduled");
}

/**
 * Job: Current once it is complete or to be suspended, Failed when it gave up.
 * kstatus counts a Job as Current from its start on; Flux waits for its end,
 * and so do we: what depends on a migration must not start in the middle of it.
 */
export function jobHealth(object: KubeObject): ObjectHealth {
  const count = (field: string): number =>
    integerAt(object, "status", field) ?? 0;
  if (fieldAt(object, "spec", "suspend") === true) {
    return current("job is suspended");
  }
  for (const { type, status, message } of conditionsOf(object)) {
    if (status !== "True") continue;
    if (type === "Complete") {
      return current(`job is complete, ${count("succeeded")} succeeded`);
    }
    if (type === "Failed") {
      return failed(message || `job failed, ${count("failed")} pods failed`);
    }
  }
  return textAt(object, "status", "startTime") === ""
    ? inProgress("job has not started")
    : inProgress(`job is running, ${count("active")} pods active`);
}

/** CronJob: Current as soon as it is there; its jobs speak for themselves. */
export function cronJobHealth(): ObjectHealth {
  return current("schedule is set");
}
