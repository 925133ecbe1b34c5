import { condition, generations, object, pairs } from "./object-parts.mjs";

const started = { startTime: "2026-03-01T08:00:05Z" };
const ended = { ...started, completionTime: "2026-03-01T08:01:00Z" };
const complete = condition("Complete", "True", "CompletionsReached", "done");
const jobFailed = (reason) =>
  condition("Failed", "True", reason, `Job has failed: ${reason}`);

const jobStates = [
  ["no status", undefined],
  ["empty status", {}],
  ["not started", { uncountedTerminatedPods: {} }],
  ["started, 1 active", { ...started, active: 1, ready: 0 }],
  ["started, retries after 2 failures", { ...started, active: 1, failed: 2 }],
  ["started, nothing active", { ...started }],
  ["half of its completions", { ...started, active: 2, succeeded: 2 }],
  ["complete", { ...ended, succeeded: 1, conditions: [complete] }],
  [
    "success criteria met, pods still end",
    {
      ...started,
      succeeded: 1,
      terminating: 1,
      conditions: [
        condition("SuccessCriteriaMet", "True", "CompletionsReached"),
      ],
    },
  ],
  [
    "complete after its criteria were met",
    {
      ...ended,
      succeeded: 1,
      conditions: [
        condition("SuccessCriteriaMet", "True", "CompletionsReached"),
        complete,
      ],
    },
  ],
  [
    "about to fail",
    {
      ...started,
      failed: 4,
      conditions: [
        condition(
          "FailureTarget",
          "True",
          "BackoffLimitExceeded",
          "has failed",
        ),
      ],
    },
  ],
  [
    "over its backoff limit",
    { ...started, failed: 4, conditions: [jobFailed("BackoffLimitExceeded")] },
  ],
  [
    "over its deadline",
    { ...started, failed: 1, conditions: [jobFailed("DeadlineExceeded")] },
  ],
  [
    "failed by its pod failure policy",
    { ...started, failed: 1, conditions: [jobFailed("PodFailurePolicy")] },
  ],
  [
    "not failed, and says so",
    { ...started, active: 1, conditions: [condition("Failed", "False")] },
  ],
  [
    "complete is false",
    { ...started, active: 1, conditions: [condition("Complete", "False")] },
  ],
  [
    "suspended",
    {
      conditions: [
        condition("Suspended", "True", "JobSuspended", "Job suspended"),
      ],
    },
  ],
  [
    "suspended after its start",
    {
      ...started,
      conditions: [
        condition("Suspended", "True", "JobSuspended", "Job suspended"),
      ],
    },
  ],
  [
    "resumed",
    {
      ...started,
      active: 1,
      conditions: [
        condition("Suspended", "False", "JobResumed", "Job resumed"),
      ],
    },
  ],
  [
    "complete and then failed, as stored",
    { ...ended, conditions: [complete, jobFailed("BackoffLimitExceeded")] },
  ],
];

const jobSpecs = [
  ["one pod", {}],
  ["4 completions, 2 at once", { completions: 4, parallelism: 2 }],
  ["to be suspended", { suspend: true }],
];

const jobs = [
  ...pairs(jobSpecs, jobStates, (spec, status) =>
    object("batch/v1 Job", { spec, status }),
  ),
  [
    "complete, being deleted",
    object("batch/v1 Job", {
      metadata: { deletionTimestamp: "2026-03-02T08:00:00Z" },
      spec: {},
      status: { ...ended, conditions: [complete] },
    }),
  ],
  [
    "suspend is false",
    object("batch/v1 Job", { spec: { suspend: false }, status: started }),
  ],
].map(([name, value]) => [`Job: ${name}`, value]);

const cronJobs = [
  ["just created", { spec: { schedule: "0 3 * * *" }, status: {} }],
  ["no status", { spec: { schedule: "0 3 * * *" } }],
  ["suspended", { spec: { schedule: "0 3 * * *", suspend: true }, status: {} }],
  [
    "running",
    {
      spec: { schedule: "* * * * *" },
      status: {
        active: [{ kind: "Job", name: "a" }],
        lastScheduleTime: "2026-03-01T03:00:00Z",
      },
    },
  ],
  [
    "never successful",
    {
      spec: { schedule: "* * * * *" },
      status: { lastScheduleTime: "2026-03-01T03:00:00Z" },
    },
  ],
  [
    "being deleted",
    { metadata: { deletionTimestamp: "2026-03-02T08:00:00Z" }, spec: {} },
  ],
].flatMap(([name, parts]) => [
  [`CronJob: ${name}`, object("batch/v1 CronJob", parts)],
  [`CronJob v1beta1: ${name}`, object("batch/v1beta1 CronJob", parts)],
]);

const podReady = (status, reason) => condition("Ready", status, reason);
const scheduled = condition("PodScheduled", "True");
const unschedulable = condition(
  "PodScheduled",
  "False",
  "Unschedulable",
  "0/3 nodes are available",
);
const waiting = (name, reason) => ({
  name,
  ready: false,
  restartCount: 5,
  state: { waiting: { reason } },
});
const running = (name) => ({
  name,
  ready: true,
  state: { running: { startedAt: "2026-03-01T08:00:02Z" } },
});
const stopped = (name, exitCode) => ({
  name,
  ready: false,
  state: {
    terminated: { exitCode, reason: exitCode === 0 ? "Completed" : "Error" },
  },
});
/** Later than any clock that this is read by. */
const young = { creationTimestamp: "2199-01-01T00:00:00Z" };

const pods = [
  ["no status", undefined],
  ["no phase", { conditions: [scheduled] }],
  ["pending, not looked at", { phase: "Pending" }],
  ["pending, scheduled", { phase: "Pending", conditions: [scheduled] }],
  [
    "pending, pulls its image",
    {
      phase: "Pending",
      conditions: [scheduled, podReady("False")],
      containerStatuses: [waiting("app", "ContainerCreating")],
    },
  ],
  [
    "pending, image cannot be pulled",
    {
      phase: "Pending",
      conditions: [scheduled],
      containerStatuses: [waiting("app", "ImagePullBackOff")],
    },
  ],
  [
    "pending, bad configuration",
    {
      phase: "Pending",
      conditions: [scheduled],
      containerStatuses: [waiting("app", "CreateContainerConfigError")],
    },
  ],
  [
    "pending, init container crashes",
    {
      phase: "Pending",
      conditions: [scheduled],
      initContainerStatuses: [waiting("init", "CrashLoopBackOff")],
    },
  ],
  [
    "pending, cannot be scheduled",
    { phase: "Pending", conditions: [unschedulable] },
  ],
  [
    "pending, cannot be scheduled since now",
    { phase: "Pending", conditions: [unschedulable] },
    young,
  ],
  [
    "pending, gated",
    {
      phase: "Pending",
      conditions: [condition("PodScheduled", "False", "SchedulingGated")],
    },
  ],
  [
    "pending, gone unscheduled without a time",
    { phase: "Pending", conditions: [unschedulable] },
    { creationTimestamp: undefined },
  ],
  [
    "running and ready",
    {
      phase: "Running",
      conditions: [scheduled, podReady("True")],
      containerStatuses: [running("app")],
    },
  ],
  [
    "running, not ready",
    {
      phase: "Running",
      conditions: [scheduled, podReady("False", "ContainersNotReady")],
      containerStatuses: [running("app")],
    },
  ],
  [
    "running, readiness gate closed",
    {
      phase: "Running",
      conditions: [
        podReady("False", "ReadinessGatesNotReady"),
        condition("example.org/gate", "False"),
      ],
      containerStatuses: [running("app")],
    },
  ],
  [
    "running, no conditions",
    { phase: "Running", containerStatuses: [running("app")] },
  ],
  [
    "running, crashes in a loop",
    {
      phase: "Running",
      conditions: [podReady("False")],
      containerStatuses: [waiting("app", "CrashLoopBackOff")],
    },
  ],
  [
    "running, one of two crashes",
    {
      phase: "Running",
      conditions: [podReady("False")],
      containerStatuses: [running("proxy"), waiting("app", "CrashLoopBackOff")],
    },
  ],
  [
    "running, ready although one crashes",
    {
      phase: "Running",
      conditions: [podReady("True")],
      containerStatuses: [running("proxy"), waiting("app", "CrashLoopBackOff")],
    },
  ],
  [
    "running, just crashed",
    {
      phase: "Running",
      conditions: [podReady("False")],
      containerStatuses: [stopped("app", 1)],
    },
  ],
  [
    "running, crashes, container without a name",
    {
      phase: "Running",
      conditions: [podReady("False")],
      containerStatuses: [
        { state: { waiting: { reason: "CrashLoopBackOff" } } },
      ],
    },
  ],
  [
    "running, ready is unknown",
    {
      phase: "Running",
      conditions: [podReady("Unknown", "NodeLost")],
      containerStatuses: [running("app")],
    },
  ],
  [
    "running, ready by an old observation",
    { phase: "Running", observedGeneration: 3, conditions: [podReady("True")] },
  ],
  [
    "succeeded",
    {
      phase: "Succeeded",
      conditions: [podReady("False", "PodCompleted")],
      containerStatuses: [stopped("app", 0)],
    },
  ],
  [
    "failed",
    {
      phase: "Failed",
      conditions: [podReady("False")],
      containerStatuses: [stopped("app", 1)],
    },
  ],
  [
    "evicted",
    {
      phase: "Failed",
      reason: "Evicted",
      message: "The node was low on resource: memory",
    },
  ],
  ["unknown phase", { phase: "Unknown", conditions: [] }],
  ["a phase of a later version", { phase: "Paused" }],
  [
    "running, being deleted",
    { phase: "Running", conditions: [podReady("True")] },
    {
      deletionTimestamp: "2026-03-02T08:00:00Z",
      deletionGracePeriodSeconds: 30,
    },
  ],
].map(([name, status, metadata]) => [
  `Pod: ${name}`,
  object("v1 Pod", {
    metadata: { generation: undefined, ...metadata },
    spec: {},
    status,
  }),
]);

const podGenerations = generations.map(([name, metadata, status]) => [
  `Pod: ready, ${name}`,
  object("v1 Pod", {
    metadata,
    status: { phase: "Running", conditions: [podReady("True")], ...status },
  }),
]);

/** Jobs, CronJobs and Pods, each with its name. */
export const runs = [...jobs, ...cronJobs, ...pods, ...podGenerations];
