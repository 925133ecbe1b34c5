import { printTime } from "../print-time.ts";
import { type JsonObject, numberAt, objectAt, stringAt } from "../json.ts";
import { type Condition, isTrue, stampConditions } from "./conditions.ts";
import { type Controller, type ControllerContext } from "./controller.ts";
import { isDeleting, namespaceOf, ownersOfKind, podFrom } from "./owned.ts";
import { isReady } from "./pods.ts";

const storage = "batch/jobs";

/** Runs each Job's pods until enough succeeded or too many failed. */
export const jobController: Controller = {
  name: "job",
  resource: storage,
  also: { "/pods": ownersOfKind("Job") },
  reconcile(context, key) {
    const job = context.get(storage, key);
    if (job === undefined || isDeleting(job)) return undefined;
    if (isTrue(job, "Complete") || isTrue(job, "Failed")) return undefined;
    const suspended = objectAt(job, "spec")["suspend"] === true;
    if (suspended) suspend(context, job);
    else run(context, job);
    return undefined;
  },
};

const phaseOf = (pod: JsonObject) => stringAt(objectAt(pod, "status"), "phase");

function podsOf(context: ControllerContext, job: JsonObject) {
  const pods = context
    .controlled(job, "/pods")
    .filter((pod) => !isDeleting(pod));
  const inPhase = (...phases: string[]) =>
    pods.filter((pod) => phases.includes(phaseOf(pod)));
  return {
    active: inPhase("Pending", "Running"),
    succeeded: inPhase("Succeeded").length,
    failed: inPhase("Failed").length,
  };
}

function suspend(context: ControllerContext, job: JsonObject): void {
  for (const pod of podsOf(context, job).active) context.delete("/pods", pod);
  report(context, job, [
    {
      type: "Suspended",
      status: true,
      reason: "JobSuspended",
      message: "Job suspended",
    },
  ]);
}

function run(context: ControllerContext, job: JsonObject): void {
  const spec = objectAt(job, "spec");
  const { active, succeeded, failed } = podsOf(context, job);
  const wanted = numberAt(spec, "completions", 1);
  if (succeeded >= wanted)
    return report(
      context,
      job,
      ended(
        "Complete",
        "SuccessCriteriaMet",
        "CompletionsReached",
        "Reached expected number of succeeded pods",
      ),
    );
  if (failed > numberAt(spec, "backoffLimit", 6)) {
    for (const pod of active) context.delete("/pods", pod);
    return report(
      context,
      job,
      ended(
        "Failed",
        "FailureTarget",
        "BackoffLimitExceeded",
        "Job has reached the specified backoff limit",
      ),
    );
  }
  const missing =
    Math.min(numberAt(spec, "parallelism", 1), wanted - succeeded) -
    active.length;
  for (let count = 0; count < missing; count += 1)
    context.create(
      "/pods",
      namespaceOf(job),
      podFrom(job, objectAt(spec, "template"), {}),
    );
  const resumed = isTrue(job, "Suspended");
  report(
    context,
    job,
    resumed
      ? [
          {
            type: "Suspended",
            status: false,
            reason: "JobResumed",
            message: "Job resumed",
          },
        ]
      : [],
  );
}

const ended = (
  type: string,
  before: string,
  reason: string,
  message: string,
): Condition[] => [
  { type: before, status: true, reason, message },
  { type, status: true, reason, message },
];

function report(
  context: ControllerContext,
  job: JsonObject,
  conditions: readonly Condition[],
): void {
  const now = context.state.clock.nowMs();
  const { active, succeeded, failed } = podsOf(context, job);
  const before = objectAt(job, "status");
  const done = conditions.some((each) => each.type === "Complete");
  const suspended = conditions.some(
    (each) => each.type === "Suspended" && each.status,
  );
  const count = (key: string, value: number) =>
    value > 0 ? { [key]: value } : {};
  context.setStatus(storage, job, {
    ...(suspended ? {} : { startTime: before["startTime"] ?? printTime(now) }),
    ...count("active", active.length),
    ...count("succeeded", succeeded),
    ...count("failed", failed),
    ready: active.filter(isReady).length,
    terminating: 0,
    uncountedTerminatedPods: {},
    ...(done ? { completionTime: printTime(now) } : {}),
    ...(conditions.length === 0
      ? {}
      : { conditions: withProbeTimes(stampConditions(job, conditions, now)) }),
  });
}

const withProbeTimes = (conditions: readonly JsonObject[]) =>
  conditions.map((each) => ({
    ...each,
    lastProbeTime: each["lastTransitionTime"] ?? "",
  }));
