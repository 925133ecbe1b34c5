import { condition, generations, object, pairs } from "./object-parts.mjs";

const plain = { generation: undefined };

const ingress = (...points) => ({ loadBalancer: { ingress: points } });

const services = [
  [
    "ClusterIP",
    { type: "ClusterIP", clusterIP: "10.96.0.4" },
    { loadBalancer: {} },
  ],
  ["no type", { clusterIP: "10.96.0.4" }, { loadBalancer: {} }],
  ["headless", { type: "ClusterIP", clusterIP: "None" }, { loadBalancer: {} }],
  [
    "NodePort",
    { type: "NodePort", clusterIP: "10.96.0.4" },
    { loadBalancer: {} },
  ],
  ["NodePort without an address", { type: "NodePort" }, {}],
  [
    "ExternalName",
    { type: "ExternalName", externalName: "db.example.org" },
    { loadBalancer: {} },
  ],
  [
    "LoadBalancer, no address at all",
    { type: "LoadBalancer" },
    { loadBalancer: {} },
  ],
  [
    "LoadBalancer, empty address",
    { type: "LoadBalancer", clusterIP: "" },
    { loadBalancer: {} },
  ],
  [
    "LoadBalancer, no ingress",
    { type: "LoadBalancer", clusterIP: "10.96.0.4" },
    { loadBalancer: {} },
  ],
  [
    "LoadBalancer, no status",
    { type: "LoadBalancer", clusterIP: "10.96.0.4" },
    undefined,
  ],
  [
    "LoadBalancer, empty ingress",
    { type: "LoadBalancer", clusterIP: "10.96.0.4" },
    ingress(),
  ],
  [
    "LoadBalancer, ingress by address",
    { type: "LoadBalancer", clusterIP: "10.96.0.4" },
    ingress({ ip: "192.0.2.7" }),
  ],
  [
    "LoadBalancer, ingress by name",
    { type: "LoadBalancer", clusterIP: "10.96.0.4" },
    ingress({ hostname: "lb.example.org" }),
  ],
  [
    "LoadBalancer, external addresses",
    {
      type: "LoadBalancer",
      clusterIP: "10.96.0.4",
      externalIPs: ["192.0.2.8"],
    },
    { loadBalancer: {} },
  ],
  [
    "LoadBalancer of a class",
    {
      type: "LoadBalancer",
      clusterIP: "10.96.0.4",
      loadBalancerClass: "example.org/lb",
    },
    { loadBalancer: {} },
  ],
  [
    "LoadBalancer with conditions",
    { type: "LoadBalancer", clusterIP: "10.96.0.4" },
    { conditions: [condition("LoadBalancerPortsError", "True", "x")] },
  ],
].map(([name, spec, status]) => [
  `Service: ${name}`,
  object("v1 Service", { metadata: plain, spec, status }),
]);

const claims = [
  ["no status", {}, undefined],
  ["no phase", {}, {}],
  ["pending", {}, { phase: "Pending" }],
  [
    "pending, waits for its first consumer",
    { storageClassName: "local-wait" },
    { phase: "Pending" },
  ],
  [
    "pending, no such class",
    { storageClassName: "missing" },
    { phase: "Pending" },
  ],
  ["pending, names a volume", { volumeName: "pv-1" }, { phase: "Pending" }],
  [
    "bound",
    { volumeName: "pv-1" },
    { phase: "Bound", capacity: { storage: "1Gi" } },
  ],
  [
    "bound, resizing",
    { volumeName: "pv-1" },
    { phase: "Bound", conditions: [condition("Resizing", "True")] },
  ],
  [
    "bound, file system to be resized",
    { volumeName: "pv-1" },
    {
      phase: "Bound",
      conditions: [
        condition(
          "FileSystemResizePending",
          "True",
          "",
          "waiting for user to restart a pod",
        ),
      ],
    },
  ],
  ["lost", { volumeName: "pv-1" }, { phase: "Lost" }],
].map(([name, spec, status]) => [
  `PersistentVolumeClaim: ${name}`,
  object("v1 PersistentVolumeClaim", { metadata: plain, spec, status }),
]);
const deletedClaim = [
  "PersistentVolumeClaim: bound, deletion waits for its pod",
  object("v1 PersistentVolumeClaim", {
    metadata: {
      ...plain,
      deletionTimestamp: "2026-03-02T08:00:00Z",
      finalizers: ["kubernetes.io/pvc-protection"],
    },
    status: { phase: "Bound" },
  }),
];

const ableTo = (status, reason) => condition("AbleToScale", status, reason);
const active = (status, reason) => condition("ScalingActive", status, reason);
const autoscalers = pairs(
  [
    ["v2", "autoscaling/v2 HorizontalPodAutoscaler"],
    ["v1", "autoscaling/v1 HorizontalPodAutoscaler"],
  ],
  [
    ["no status", undefined],
    [
      "no metrics yet",
      {
        currentReplicas: 2,
        desiredReplicas: 0,
        conditions: [
          ableTo("True", "SucceededGetScale"),
          active("False", "FailedGetResourceMetric"),
        ],
      },
    ],
    [
      "target not found",
      {
        currentReplicas: 0,
        desiredReplicas: 0,
        conditions: [ableTo("False", "FailedGetScale")],
      },
    ],
    [
      "scales",
      {
        currentReplicas: 2,
        desiredReplicas: 4,
        conditions: [
          ableTo("True", "SucceededRescale"),
          active("True", "ValidMetricFound"),
        ],
      },
    ],
    [
      "at its limit",
      {
        currentReplicas: 4,
        desiredReplicas: 4,
        conditions: [
          active("True", "ValidMetricFound"),
          condition("ScalingLimited", "True", "TooManyReplicas"),
        ],
      },
    ],
    [
      "disabled",
      {
        currentReplicas: 0,
        desiredReplicas: 0,
        conditions: [active("False", "ScalingDisabled")],
      },
    ],
    ["observed an older generation", { observedGeneration: 3 }],
    [
      "observed",
      {
        observedGeneration: 4,
        conditions: [active("True", "ValidMetricFound")],
      },
    ],
  ],
  (type, status) =>
    object(type, { spec: { minReplicas: 2, maxReplicas: 4 }, status }),
).map(([name, value]) => [`HorizontalPodAutoscaler: ${name}`, value]);

const budgets = [
  ...generations.map(([name, metadata, status]) => [
    `allows 1, ${name}`,
    {
      metadata,
      spec: { minAvailable: 1 },
      status: {
        disruptionsAllowed: 1,
        currentHealthy: 2,
        desiredHealthy: 1,
        expectedPods: 2,
        ...status,
      },
    },
  ]),
  [
    "allows none",
    {
      spec: { minAvailable: 2 },
      status: {
        observedGeneration: 4,
        disruptionsAllowed: 0,
        conditions: [
          condition("DisruptionAllowed", "False", "InsufficientPods"),
        ],
      },
    },
  ],
  [
    "cannot count its pods",
    {
      spec: { minAvailable: 1 },
      status: {
        observedGeneration: 4,
        conditions: [
          condition(
            "DisruptionAllowed",
            "False",
            "SyncFailed",
            "found no controllers",
          ),
        ],
      },
    },
  ],
  ["no status", { spec: { maxUnavailable: "25%" } }],
].map(([name, parts]) => [
  `PodDisruptionBudget: ${name}`,
  object("policy/v1 PodDisruptionBudget", parts),
]);

const ingresses = [
  ["no status", {}],
  ["no address", { status: { loadBalancer: {} } }],
  ["with an address", { status: ingress({ ip: "192.0.2.7" }) }],
  [
    "being deleted",
    { metadata: { deletionTimestamp: "2026-03-02T08:00:00Z" } },
  ],
].map(([name, parts]) => [
  `Ingress: ${name}`,
  object("networking.k8s.io/v1 Ingress", parts),
]);

const volumes = ["Pending", "Available", "Bound", "Released", "Failed"].map(
  (phase) => [
    `PersistentVolume: ${phase}`,
    object("v1 PersistentVolume", {
      metadata: { ...plain, namespace: undefined },
      spec: {},
      status: { phase },
    }),
  ],
);

const nodes = [
  [
    "ready",
    [
      condition("MemoryPressure", "False"),
      condition(
        "Ready",
        "True",
        "KubeletReady",
        "kubelet is posting ready status",
      ),
    ],
  ],
  [
    "not ready",
    [
      condition(
        "Ready",
        "False",
        "KubeletNotReady",
        "container runtime is down",
      ),
    ],
  ],
  [
    "not heard of",
    [
      condition(
        "Ready",
        "Unknown",
        "NodeStatusUnknown",
        "Kubelet stopped posting node status.",
      ),
    ],
  ],
  ["just registered", undefined],
].map(([name, conditions]) => [
  `Node: ${name}`,
  object("v1 Node", {
    metadata: { ...plain, namespace: undefined },
    status: { conditions },
  }),
]);

/** Services and what else serves pods, claims, budgets and autoscalers, each with its name. */
export const serving = [
  ...services,
  ...claims,
  deletedClaim,
  ...autoscalers,
  ...budgets,
  ...ingresses,
  ...volumes,
  ...nodes,
];
