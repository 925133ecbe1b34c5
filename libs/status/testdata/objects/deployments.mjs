import { condition, generations, object, pairs } from "./object-parts.mjs";

const progressing = (reason, status = "True") =>
  condition("Progressing", status, reason, `deployment: ${reason}`);
const available = (status) =>
  condition("Available", status, "MinimumReplicas", "as counted");

const counts = (replicas, updated, ready, availableCount) => ({
  replicas,
  updatedReplicas: updated,
  readyReplicas: ready,
  availableReplicas: availableCount,
});

const deploymentStates = [
  ["nothing counted", {}],
  ["no replica of 3 created", counts(0, 0, 0, 0)],
  ["1 of 3 created", counts(1, 1, 0, 0)],
  ["none of 3 updated", counts(3, 0, 3, 3)],
  ["2 of 3 updated, a fourth runs", counts(4, 2, 3, 3)],
  ["all updated, an old one ends", counts(4, 3, 3, 3)],
  ["updated, none available", counts(3, 3, 0, 0)],
  ["ready for too short to be available", counts(3, 3, 3, 1)],
  ["available, 1 not counted ready", counts(3, 3, 2, 3)],
  ["complete", counts(3, 3, 3, 3)],
  ["counts as texts", counts("3", "3", "3", "3")],
];

const deploymentConditions = [
  ["no conditions", undefined],
  ["empty conditions", []],
  [
    "new replica set available",
    [progressing("NewReplicaSetAvailable"), available("True")],
  ],
  [
    "replica set updated",
    [available("True"), progressing("ReplicaSetUpdated")],
  ],
  [
    "deadline exceeded",
    [progressing("ProgressDeadlineExceeded", "False"), available("True")],
  ],
  [
    "not available",
    [progressing("NewReplicaSetAvailable"), available("False")],
  ],
];

function deployment(type, spec, status, metadata = {}) {
  return object(type, {
    metadata,
    spec: { replicas: 3, progressDeadlineSeconds: 600, ...spec },
    status: status && { observedGeneration: 4, ...status },
  });
}

const healthy = {
  ...counts(3, 3, 3, 3),
  conditions: [progressing("NewReplicaSetAvailable"), available("True")],
};

const special = [
  ["without replicas in spec", { replicas: undefined }, healthy],
  [
    "1 replica by default",
    { replicas: undefined },
    { ...healthy, ...counts(1, 1, 1, 1) },
  ],
  ["scaled to 0", { replicas: 0 }, { ...healthy, ...counts(0, 0, 0, 0) }],
  [
    "scaled to 0, not counted",
    { replicas: 0 },
    { conditions: healthy.conditions },
  ],
  ["scaled to 0, a pod ends", { replicas: 0 }, healthy],
  ["paused while complete", { paused: true }, healthy],
  [
    "paused in the middle",
    { paused: true },
    {
      ...counts(3, 1, 3, 3),
      conditions: [
        progressing("DeploymentPaused", "Unknown"),
        available("True"),
      ],
    },
  ],
  [
    "paused, complete, and said so",
    { paused: true },
    {
      ...counts(3, 3, 3, 3),
      conditions: [
        progressing("DeploymentPaused", "Unknown"),
        available("True"),
      ],
    },
  ],
  [
    "paused without a deadline",
    { paused: true, progressDeadlineSeconds: undefined },
    {
      ...counts(3, 3, 3, 3),
      conditions: [
        progressing("DeploymentPaused", "Unknown"),
        available("True"),
      ],
    },
  ],
  [
    "resumed",
    {},
    {
      ...counts(3, 3, 3, 3),
      conditions: [
        progressing("DeploymentResumed", "Unknown"),
        available("True"),
      ],
    },
  ],
  [
    "no deadline",
    { progressDeadlineSeconds: undefined },
    { ...counts(3, 3, 3, 3), conditions: [available("True")] },
  ],
  [
    "the largest deadline",
    { progressDeadlineSeconds: 2147483647 },
    { ...counts(3, 3, 3, 3), conditions: [available("True")] },
  ],
  [
    "a deadline, and no word of progress",
    {},
    { ...counts(3, 3, 3, 3), conditions: [available("True")] },
  ],
  [
    "quota denies pods",
    {},
    {
      ...counts(0, 0, 0, 0),
      conditions: [
        condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota"),
        progressing("NewReplicaSetCreated"),
        available("False"),
      ],
    },
  ],
  [
    "strategy Recreate, old pods gone",
    { strategy: { type: "Recreate" } },
    {
      ...counts(0, 0, 0, 0),
      conditions: [progressing("FoundNewReplicaSet"), available("False")],
    },
  ],
  [
    "deadline exceeded by counts complete",
    {},
    {
      ...counts(3, 3, 3, 3),
      conditions: [
        progressing("ProgressDeadlineExceeded", "Unknown"),
        available("True"),
      ],
    },
  ],
  [
    "available twice, the later false",
    {},
    {
      ...counts(3, 3, 3, 3),
      conditions: [
        progressing("NewReplicaSetAvailable"),
        available("True"),
        available("False"),
      ],
    },
  ],
  [
    "progressing twice, the later over its deadline",
    {},
    {
      ...counts(3, 3, 3, 3),
      conditions: [
        progressing("NewReplicaSetAvailable"),
        progressing("ProgressDeadlineExceeded", "False"),
        available("True"),
      ],
    },
  ],
  [
    "terminating replicas counted",
    {},
    { ...healthy, terminatingReplicas: 2, unavailableReplicas: 0 },
  ],
  ["no status", {}, undefined],
];

/** Deployments, each with its name. */
export const deployments = [
  ...pairs(deploymentStates, deploymentConditions, (status, conditions) =>
    deployment("apps/v1 Deployment", {}, { ...status, conditions }),
  ),
  ...special.map(([name, spec, status]) => [
    name,
    deployment("apps/v1 Deployment", spec, status),
  ]),
  ...generations.map(([name, metadata, status]) => [
    `complete, ${name}`,
    object("apps/v1 Deployment", {
      metadata,
      spec: { replicas: 3, progressDeadlineSeconds: 600 },
      status: { ...healthy, ...status },
    }),
  ]),
  [
    "of the old group, complete",
    deployment("extensions/v1beta1 Deployment", {}, healthy),
  ],
  [
    "of the old group, starting",
    deployment("extensions/v1beta1 Deployment", {}, counts(1, 1, 0, 0)),
  ],
  [
    "of a group of somebody else",
    deployment("example.org/v1 Deployment", {}, counts(0, 0, 0, 0)),
  ],
].map(([name, value]) => [`Deployment: ${name}`, value]);
