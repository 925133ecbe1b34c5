import { type Json, type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import { computeStatus, notFound, worstHealth } from "./compute-status.ts";
import { type ObjectStatus, objectStatuses } from "./object-status.ts";

/** An object in YAML's shorthand: its kind, and what matters of it. */
function live(
  kind: string,
  parts: { spec?: Json; status?: Json; metadata?: Record<string, Json> } = {},
): KubeObject {
  const [apiVersion, name] = kind.includes(" ")
    ? (kind.split(" ") as [string, string])
    : (["v1", kind] as const);
  const { metadata, ...rest } = parts;
  return {
    apiVersion,
    kind: name,
    metadata: { name: "x", generation: 1, ...metadata },
    ...rest,
  };
}

const condition = (
  type: string,
  status: string,
  reason = "",
  message = "",
): Json => ({ type, status, reason, message });

const pod = (status: Record<string, Json>): KubeObject =>
  live("Pod", {
    metadata: { creationTimestamp: "2030-01-01T00:00:00Z" },
    status,
  });

const crashing: Json = [
  { name: "app", state: { waiting: { reason: "CrashLoopBackOff" } } },
  { name: "sidecar", state: { running: {} } },
];

const unschedulable: Json = [
  condition("PodScheduled", "False", "Unschedulable", "no node fits"),
];

const job = (status: Record<string, Json>): KubeObject =>
  live("batch/v1 Job", { status });

const definition = (...conditions: Json[]): KubeObject =>
  live("apiextensions.k8s.io/v1 CustomResourceDefinition", {
    status: { conditions },
  });

const custom = (status?: Json, metadata?: Record<string, Json>): KubeObject =>
  live("example.org/v1 Widget", {
    ...(status === undefined ? {} : { status }),
    ...(metadata === undefined ? {} : { metadata }),
  });

const rows: readonly (readonly [string, KubeObject, ObjectStatus, RegExp])[] = [
  // Every object.
  [
    "being deleted",
    custom(undefined, { deletionTimestamp: "2030-01-01T00:00:00Z" }),
    "Terminating",
    /being deleted/,
  ],
  [
    "not observed since the last change",
    custom({ observedGeneration: 1 }, { generation: 2 }),
    "InProgress",
    /generation 2, observed 1/,
  ],
  [
    "reconciling",
    custom({ conditions: [condition("Reconciling", "True", "", "Works.")] }),
    "InProgress",
    /^works$/,
  ],
  [
    "stalled",
    custom({ conditions: [condition("Stalled", "True", "", "gave up")] }),
    "Failed",
    /gave up/,
  ],
  [
    "not reconciling any more",
    custom({ conditions: [condition("Reconciling", "False")] }),
    "Current",
    /./,
  ],
  // Pods and jobs.
  ["no phase", pod({}), "InProgress", /no phase/],
  [
    "ready",
    pod({ phase: "Running", conditions: [condition("Ready", "True")] }),
    "Current",
    /ready/,
  ],
  ["running", pod({ phase: "Running" }), "InProgress", /not ready/],
  [
    "crash-looping",
    pod({ phase: "Running", containerStatuses: crashing }),
    "Failed",
    /in a loop: app$/,
  ],
  ["pending", pod({ phase: "Pending" }), "InProgress", /pending/],
  ["done", pod({ phase: "Succeeded" }), "Current", /completed/],
  ["done badly", pod({ phase: "Failed" }), "Current", /not successfully/],
  ["new phase", pod({ phase: "Dreaming" }), "Unknown", /Dreaming/],
  ["not started", job({}), "InProgress", /not started/],
  ["runs", job({ startTime: "t", active: 2 }), "InProgress", /2 pods active/],
  [
    "complete",
    job({ conditions: [condition("Complete", "True")], succeeded: 1 }),
    "Current",
    /1 succeeded/,
  ],
  [
    "failed",
    job({ conditions: [condition("Failed", "True", "", "backoff limit")] }),
    "Failed",
    /backoff limit/,
  ],
  [
    "to be suspended",
    live("batch/v1 Job", { spec: { suspend: true }, status: { active: 1 } }),
    "Current",
    /suspended/,
  ],
  ["scheduled", live("batch/v1 CronJob"), "Current", /schedule/],
  // The rest.
  [
    "bound",
    live("PersistentVolumeClaim", { status: { phase: "Bound" } }),
    "Current",
    /bound/,
  ],
  [
    "waits for its consumer",
    live("PersistentVolumeClaim", { status: { phase: "Pending" } }),
    "InProgress",
    /phase Pending.*first consumer/,
  ],
  ["plain", live("Service", { spec: {} }), "Current", /ready/],
  [
    "load balancer without an address",
    live("Service", { spec: { type: "LoadBalancer" } }),
    "InProgress",
    /cluster IP/,
  ],
  [
    "load balancer",
    live("Service", { spec: { type: "LoadBalancer", clusterIP: "10.0.0.1" } }),
    "Current",
    /ready/,
  ],
  [
    "established",
    definition(
      condition("NamesAccepted", "True"),
      condition("Established", "True"),
    ),
    "Current",
    /established/,
  ],
  [
    "name taken",
    definition(condition("NamesAccepted", "False", "Conflict", "taken")),
    "Failed",
    /taken/,
  ],
  [
    "installing",
    definition(condition("Established", "False", "Installing")),
    "InProgress",
    /being established/,
  ],
  ["just made", definition(), "InProgress", /being established/],
  [
    "not available",
    live("apiregistration.k8s.io/v1 APIService", {
      status: { conditions: [condition("Available", "False", "", "no")] },
    }),
    "InProgress",
    /no/,
  ],
  ...[
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "Namespace",
    "networking.k8s.io/v1 Ingress",
    "rbac.authorization.k8s.io/v1 ClusterRole",
    "policy/v1 PodDisruptionBudget",
    "autoscaling/v2 HorizontalPodAutoscaler",
  ].map(
    (kind) => [`${kind} without a status`, live(kind), "Current", /./] as const,
  ),
  [
    "autoscaler without metrics",
    live("autoscaling/v2 HorizontalPodAutoscaler", {
      status: { conditions: [condition("ScalingActive", "False", "NoMetric")] },
    }),
    "Current",
    /./,
  ],
  // Custom kinds.
  ["says nothing", custom(), "Current", /no conditions/],
  [
    "Ready",
    custom({ conditions: [condition("Ready", "True", "", "Well done.")] }),
    "Current",
    /^well done$/,
  ],
  [
    "not Ready",
    custom({ conditions: [condition("Ready", "False", "Waiting")] }),
    "InProgress",
    /waiting/,
  ],
  [
    "not known to be Ready",
    custom({ conditions: [condition("Ready", "Unknown")] }),
    "InProgress",
    /./,
  ],
  [
    "Ready about an older generation",
    custom(
      {
        conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }],
      },
      { generation: 2 },
    ),
    "InProgress",
    /Ready is about 1/,
  ],
];

describe("computeStatus", () => {
  test.each(
    rows.map(([title, object, status, message]) => ({
      title: `${object.kind} ${title}`,
      object,
      status,
      message,
    })),
  )("$title is $status", ({ object, status, message }) => {
    const health = computeStatus(object);
    expect(health.status).toBe(status);
    expect(health.message).toMatch(message);
  });

  test("a pod that cannot be scheduled fails after fifteen seconds", () => {
    const object = pod({ phase: "Pending", conditions: unschedulable });
    const created = Date.parse("2030-01-01T00:00:00Z");
    const at = (ms: number): ObjectStatus =>
      computeStatus(object, { now: created + ms }).status;
    expect(at(14_999)).toBe("InProgress");
    expect(at(15_000)).toBe("Failed");
    expect(computeStatus(object).status).toBe("InProgress");
  });

  test("a status of unexpected shape is read as absent, and nothing throws", () => {
    for (const status of [null, [], "x", { conditions: "x" }, 1] as Json[]) {
      for (const kind of ["apps/v1 Deployment", "Pod", "batch/v1 Job"]) {
        expect(computeStatus(live(kind, { status })).status).toBe("InProgress");
      }
    }
  });

  test("a message has at most 1,024 characters", () => {
    const long = "x".repeat(5_000);
    const object = custom({
      conditions: [condition("Stalled", "True", "", long)],
    });
    expect(computeStatus(object).message).toHaveLength(1_024);
  });
});

describe("worstHealth", () => {
  test("goes by the order of the words", () => {
    const healths = objectStatuses.map((status) => ({ status, message: "" }));
    for (const [index, worst] of healths.entries()) {
      const rest = healths.slice(index).reverse();
      expect(worstHealth(rest)).toBe(worst);
    }
    expect(worstHealth([])).toBeUndefined();
    expect(notFound.status).toBe("NotFound");
  });
});
