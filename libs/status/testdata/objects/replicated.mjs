import { condition, generations, object, pairs } from "./object-parts.mjs";

const setCounts = (replicas, ready, current, updated) => ({
  replicas,
  readyReplicas: ready,
  currentReplicas: current,
  updatedReplicas: updated,
});
const sameRevision = { currentRevision: "db-1", updateRevision: "db-1" };
const newRevision = { currentRevision: "db-1", updateRevision: "db-2" };

const statefulStates = [
  ["1 of 3 created", { ...setCounts(1, 1, 1, 1), ...sameRevision }],
  ["2 of 3 ready", { ...setCounts(3, 2, 3, 3), ...sameRevision }],
  ["a fourth still to end", { ...setCounts(4, 3, 3, 3), ...sameRevision }],
  ["none of the new revision", { ...setCounts(3, 3, 3, 0), ...newRevision }],
  ["1 of the new revision", { ...setCounts(3, 3, 2, 1), ...newRevision }],
  ["2 of the new revision", { ...setCounts(3, 3, 1, 2), ...newRevision }],
  ["all new, revision not moved", { ...setCounts(3, 3, 3, 3), ...newRevision }],
  ["complete", { ...setCounts(3, 3, 3, 3), ...sameRevision }],
  ["nothing counted", {}],
];

const statefulStrategies = [
  ["rolling", { type: "RollingUpdate" }],
  ["OnDelete", { type: "OnDelete" }],
  ["partition 0", { type: "RollingUpdate", rollingUpdate: { partition: 0 } }],
  ["partition 2", { type: "RollingUpdate", rollingUpdate: { partition: 2 } }],
  ["partition 5", { type: "RollingUpdate", rollingUpdate: { partition: 5 } }],
];

const statefulSets = [
  ...pairs(statefulStrategies, statefulStates, (updateStrategy, status) =>
    object("apps/v1 StatefulSet", {
      spec: { replicas: 3, serviceName: "db", updateStrategy },
      status: { observedGeneration: 4, ...status },
    }),
  ),
  ...generations.map(([name, metadata, status]) => [
    `complete, ${name}`,
    object("apps/v1 StatefulSet", {
      metadata,
      spec: { replicas: 3, updateStrategy: { type: "RollingUpdate" } },
      status: { ...setCounts(3, 3, 3, 3), ...sameRevision, ...status },
    }),
  ]),
  [
    "scaled to 0",
    object("apps/v1 StatefulSet", {
      spec: { replicas: 0 },
      status: { observedGeneration: 4, replicas: 0, ...sameRevision },
    }),
  ],
  [
    "1 replica by default, no strategy",
    object("apps/v1 StatefulSet", {
      spec: {},
      status: { observedGeneration: 4, ...setCounts(1, 1, 1, 1) },
    }),
  ],
  ["no status", object("apps/v1 StatefulSet", { spec: { replicas: 3 } })],
  [
    "OnDelete, no status",
    object("apps/v1 StatefulSet", {
      spec: { replicas: 3, updateStrategy: { type: "OnDelete" } },
    }),
  ],
].map(([name, value]) => [`StatefulSet: ${name}`, value]);

const daemonCounts = (desired, current, updated, availableCount, ready) => ({
  desiredNumberScheduled: desired,
  currentNumberScheduled: current,
  updatedNumberScheduled: updated,
  numberAvailable: availableCount,
  numberReady: ready,
});

const daemonStates = [
  ["no node wants it", daemonCounts(0, 0, 0, 0, 0)],
  ["1 of 3 scheduled", daemonCounts(3, 1, 1, 1, 1)],
  ["2 of 3 updated", daemonCounts(3, 3, 2, 3, 3)],
  ["2 of 3 available", daemonCounts(3, 3, 3, 2, 3)],
  ["2 of 3 ready", daemonCounts(3, 3, 3, 3, 2)],
  ["complete", daemonCounts(3, 3, 3, 3, 3)],
  ["more than wanted", daemonCounts(3, 4, 4, 4, 4)],
  [
    "misscheduled besides",
    { ...daemonCounts(3, 3, 3, 3, 3), numberMisscheduled: 2 },
  ],
  [
    "fields of zero left out",
    { desiredNumberScheduled: 3, currentNumberScheduled: 3 },
  ],
  ["number of nodes not known", { currentNumberScheduled: 3, numberReady: 3 }],
];

const daemonSets = [
  ...pairs(
    [
      ["rolling", { type: "RollingUpdate" }],
      ["OnDelete", { type: "OnDelete" }],
    ],
    daemonStates,
    (updateStrategy, status) =>
      object("apps/v1 DaemonSet", {
        spec: { updateStrategy },
        status: { observedGeneration: 4, ...status },
      }),
  ),
  ...generations.map(([name, metadata, status]) => [
    `complete, ${name}`,
    object("apps/v1 DaemonSet", {
      metadata,
      spec: {},
      status: { ...daemonCounts(3, 3, 3, 3, 3), ...status },
    }),
  ]),
  ["no status", object("apps/v1 DaemonSet", { spec: {} })],
  [
    "of the old group",
    object("extensions/v1beta1 DaemonSet", {
      status: { observedGeneration: 4, ...daemonCounts(2, 2, 2, 2, 2) },
    }),
  ],
].map(([name, value]) => [`DaemonSet: ${name}`, value]);

const replicaStates = [
  [
    "2 of 3 labelled",
    {
      replicas: 3,
      fullyLabeledReplicas: 2,
      readyReplicas: 3,
      availableReplicas: 3,
    },
  ],
  [
    "2 of 3 available",
    {
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 2,
    },
  ],
  [
    "2 of 3 ready",
    {
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 2,
      availableReplicas: 3,
    },
  ],
  [
    "a fourth still to end",
    {
      replicas: 4,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    },
  ],
  [
    "complete",
    {
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    },
  ],
  ["nothing counted", {}],
];

const replicaSets = [
  ...pairs(
    [
      ["no conditions", undefined],
      [
        "cannot create",
        [condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota")],
      ],
      [
        "could not create once",
        [condition("ReplicaFailure", "False", "FailedCreate")],
      ],
    ],
    replicaStates,
    (conditions, status) =>
      object("apps/v1 ReplicaSet", {
        spec: { replicas: 3 },
        status: { observedGeneration: 4, ...status, conditions },
      }),
  ),
  ...generations.map(([name, metadata, status]) => [
    `complete, ${name}`,
    object("apps/v1 ReplicaSet", {
      metadata,
      spec: { replicas: 3 },
      status: {
        replicas: 3,
        fullyLabeledReplicas: 3,
        readyReplicas: 3,
        availableReplicas: 3,
        ...status,
      },
    }),
  ]),
  [
    "an old one of a Deployment",
    object("apps/v1 ReplicaSet", {
      spec: { replicas: 0 },
      status: { observedGeneration: 4, replicas: 0 },
    }),
  ],
  ["no status", object("apps/v1 ReplicaSet", { spec: { replicas: 2 } })],
  [
    "of the old group, complete",
    object("extensions/v1beta1 ReplicaSet", {
      spec: {},
      status: {
        observedGeneration: 4,
        replicas: 1,
        fullyLabeledReplicas: 1,
        readyReplicas: 1,
        availableReplicas: 1,
      },
    }),
  ],
].map(([name, value]) => [`ReplicaSet: ${name}`, value]);

/** StatefulSets, DaemonSets and ReplicaSets, each with its name. */
export const replicated = [...statefulSets, ...daemonSets, ...replicaSets];
