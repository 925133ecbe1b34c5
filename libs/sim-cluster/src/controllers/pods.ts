import { printTime } from "../print-time.ts";
import {
  ensureObject,
  isObject,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { isTrue, stampConditions } from "./conditions.ts";
import { type Controller, type ControllerContext } from "./controller.ts";
import { podBehaviour } from "./pod-behaviour.ts";

/** The one node of a simulated cluster. */
export const simulatedNode = "sim-node-1";
/** A pod that runs once has ended this long after it started. */
const runOnceMs = 50;

/** Makes pods run, be ready, crash or end, as scheduler and kubelet together would. */
export function createPodController(): Controller {
  /** When each pod takes its next step. */
  const due = new Map<string, number>();
  return {
    name: "pod",
    resource: "/pods",
    reconcile(context, key) {
      const pod = context.get("/pods", key);
      const metadata = objectAt(pod, "metadata");
      if (pod === undefined || metadata["deletionTimestamp"] !== undefined) {
        due.delete(key);
        return undefined;
      }
      const wait = nextStep(context, pod);
      if (wait === undefined) {
        due.delete(key);
        return undefined;
      }
      const id = `${key} ${stringAt(metadata, "uid")} ${stringAt(objectAt(pod, "status"), "phase")}`;
      const now = context.state.clock.nowMs();
      const at = due.get(id) ?? now + wait.afterMs;
      due.set(id, at);
      if (at > now) return at - now;
      due.delete(id);
      wait.run();
      return undefined;
    },
  };
}

interface Step {
  readonly afterMs: number;
  readonly run: () => void;
}

function nextStep(
  context: ControllerContext,
  pod: JsonObject,
): Step | undefined {
  const behaviour = podBehaviour(pod);
  const once = objectAt(pod, "spec")["restartPolicy"] !== "Always";
  const phase = stringAt(objectAt(pod, "status"), "phase");
  if (phase === "Pending") {
    const run = () => {
      if (behaviour === "fail" && once) return end(context, pod, "Failed");
      return begin(context, pod, behaviour === "ready", behaviour === "fail");
    };
    return { afterMs: context.readyAfterMs, run };
  }
  if (phase === "Running" && once && behaviour === "ready")
    return { afterMs: runOnceMs, run: () => end(context, pod, "Succeeded") };
  return undefined;
}

function begin(
  context: ControllerContext,
  pod: JsonObject,
  ready: boolean,
  crashing: boolean,
): void {
  const now = printTime(context.state.clock.nowMs());
  const state: JsonObject = crashing
    ? { waiting: { reason: "CrashLoopBackOff" } }
    : { running: { startedAt: now } };
  write(context, pod, "Running", ready, state, crashing ? 3 : 0);
}

function end(
  context: ControllerContext,
  pod: JsonObject,
  phase: "Succeeded" | "Failed",
): void {
  const now = printTime(context.state.clock.nowMs());
  const done = phase === "Succeeded";
  write(context, pod, phase, false, {
    terminated: {
      exitCode: done ? 0 : 1,
      reason: done ? "Completed" : "Error",
      startedAt: now,
      finishedAt: now,
    },
  });
}

function write(
  context: ControllerContext,
  pod: JsonObject,
  phase: string,
  ready: boolean,
  state: JsonObject,
  restartCount = 0,
): void {
  const { clock, chance } = context.state;
  const now = clock.nowMs();
  const placed =
    stringAt(objectAt(pod, "spec"), "nodeName") === ""
      ? context.update("/pods", pod, (copy) => {
          ensureObject(copy, "spec")["nodeName"] = simulatedNode;
        })
      : pod;
  if (placed === undefined) return;
  const before = objectAt(placed, "status");
  const type = (name: string, status: boolean) => ({ type: name, status });
  context.setStatus("/pods", placed, {
    ...before,
    phase,
    startTime: before["startTime"] ?? printTime(now),
    hostIP: "10.0.0.1",
    podIP:
      before["podIP"] ?? `10.244.${chance.below(256)}.${1 + chance.below(254)}`,
    conditions: stampConditions(
      placed,
      [
        type("PodScheduled", true),
        type("Initialized", true),
        type("ContainersReady", ready),
        type("Ready", ready),
      ],
      now,
    ),
    containerStatuses: listAt(objectAt(placed, "spec"), "containers")
      .filter(isObject)
      .map((container) => ({
        name: container["name"] ?? "",
        image: container["image"] ?? "",
        imageID: "",
        ready,
        restartCount,
        state,
      })),
  });
}

/** Whether a pod is ready. */
export function isReady(pod: JsonObject): boolean {
  return isTrue(pod, "Ready");
}
