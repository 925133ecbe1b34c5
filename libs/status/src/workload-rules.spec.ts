import { type Json, type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import { computeStatus } from "./compute-status.ts";
import { type ObjectStatus } from "./object-status.ts";

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

const available = condition("Available", "True");
const complete = condition("Progressing", "True", "NewReplicaSetAvailable");

/** A Deployment of three replicas, all well but for what is given. */
const deployment = (
  status: Record<string, Json>,
  spec: Record<string, Json> = {},
): KubeObject =>
  live("apps/v1 Deployment", {
    spec: { replicas: 3, progressDeadlineSeconds: 600, ...spec },
    status: {
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      conditions: [available, complete],
      ...status,
    },
  });

const statefulSet = (
  status: Record<string, Json>,
  updateStrategy: Json = { type: "RollingUpdate" },
): KubeObject =>
  live("apps/v1 StatefulSet", {
    spec: { replicas: 3, updateStrategy },
    status: {
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: "a",
      updateRevision: "a",
      ...status,
    },
  });

const daemonSet = (status: Record<string, Json>): KubeObject =>
  live("apps/v1 DaemonSet", {
    status: {
      observedGeneration: 1,
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
      numberReady: 2,
      ...status,
    },
  });

const replicaSet = (status: Record<string, Json>): KubeObject =>
  live("apps/v1 ReplicaSet", {
    spec: { replicas: 2 },
    status: {
      observedGeneration: 1,
      replicas: 2,
      fullyLabeledReplicas: 2,
      availableReplicas: 2,
      readyReplicas: 2,
      ...status,
    },
  });

const rows: readonly (readonly [string, KubeObject, ObjectStatus, RegExp])[] = [
  // Deployments.
  ["all well", deployment({}), "Current", /3 replicas available/],
  ["no status yet", live("apps/v1 Deployment"), "InProgress", /0 of 1/],
  ["too few", deployment({ replicas: 2 }), "InProgress", /2 of 3.*created/],
  [
    "old ones left to update",
    deployment({ updatedReplicas: 1 }),
    "InProgress",
    /1 of 3 replicas updated/,
  ],
  [
    "new ones fail beside old ones",
    deployment(
      { replicas: 2, updatedReplicas: 1, readyReplicas: 1 },
      { replicas: 1 },
    ),
    "InProgress",
    /^1 of 1 new replica not Ready; 1 old replica still to end$/,
  ],
  [
    "new ones fail, and the next ones wait",
    deployment({ replicas: 4, updatedReplicas: 1, readyReplicas: 3 }),
    "InProgress",
    /^1 of 3 replicas updated; 1 of 1 new replica not Ready$/,
  ],
  [
    "old ones end, and new ones stand",
    deployment({ replicas: 5, readyReplicas: 5 }),
    "InProgress",
    /^2 old replicas still to end$/,
  ],
  [
    "old ones end",
    deployment({ replicas: 4 }),
    "InProgress",
    /^1 of 3 new replicas not Ready; 1 old replica still to end$/,
  ],
  [
    "not available",
    deployment({ availableReplicas: 2 }),
    "InProgress",
    /2 of 3 replicas available/,
  ],
  [
    "not ready",
    deployment({ readyReplicas: 2 }),
    "InProgress",
    /2 of 3 replicas ready/,
  ],
  [
    "past its deadline",
    deployment({
      updatedReplicas: 1,
      conditions: [
        available,
        condition("Progressing", "False", "ProgressDeadlineExceeded"),
      ],
    }),
    "Failed",
    /progress deadline exceeded/,
  ],
  [
    "paused before its replica set is there",
    deployment(
      { conditions: [available, condition("Progressing", "Unknown")] },
      { paused: true },
    ),
    "InProgress",
    /paused/,
  ],
  [
    "without a deadline it need not be known to have progressed",
    deployment(
      { conditions: [available] },
      { progressDeadlineSeconds: 2_147_483_647 },
    ),
    "Current",
    /./,
  ],
  [
    "scaled to nothing, but seen",
    deployment(
      {
        replicas: 0,
        updatedReplicas: 0,
        readyReplicas: 0,
        availableReplicas: 0,
      },
      { replicas: 0 },
    ),
    "Current",
    /0 replicas/,
  ],
  [
    "scaled to nothing, and seen by nobody",
    live("apps/v1 Deployment", {
      spec: { replicas: 0, progressDeadlineSeconds: 600 },
    }),
    "InProgress",
    /replica set/,
  ],
  // Other workloads.
  ["all well", statefulSet({}), "Current", /3 replicas ready/],
  [
    "updated by hand",
    statefulSet({ readyReplicas: 0 }, { type: "OnDelete" }),
    "Current",
    /OnDelete/,
  ],
  ["too few", statefulSet({ replicas: 1 }), "InProgress", /1 of 3/],
  ["not ready", statefulSet({ readyReplicas: 2 }), "InProgress", /ready/],
  ["too many", statefulSet({ replicas: 4 }), "InProgress", /still to end/],
  [
    "partition not reached",
    statefulSet(
      { updatedReplicas: 0 },
      { type: "RollingUpdate", rollingUpdate: { partition: 2 } },
    ),
    "InProgress",
    /0 of 1 replicas updated/,
  ],
  [
    "partition reached",
    statefulSet(
      { updatedReplicas: 1, updateRevision: "b" },
      { type: "RollingUpdate", rollingUpdate: { partition: 2 } },
    ),
    "Current",
    /partition 2/,
  ],
  [
    "rolls over",
    statefulSet({ updateRevision: "b" }),
    "InProgress",
    /revision/,
  ],
  [
    "seen by nobody",
    live("apps/v1 StatefulSet", { spec: { replicas: 0 } }),
    "InProgress",
    /no controller/,
  ],
  ["all well", daemonSet({}), "Current", /2 pods ready/],
  [
    "old pods left",
    daemonSet({ updatedNumberScheduled: 1 }),
    "InProgress",
    /1 of 2 replicas updated/,
  ],
  ["not available", daemonSet({ numberAvailable: 0 }), "InProgress", /0 of 2/],
  ["seen by nobody", live("apps/v1 DaemonSet"), "InProgress", /no controller/],
  ["all well", replicaSet({}), "Current", /2 replicas/],
  [
    "cannot make pods",
    replicaSet({
      conditions: [condition("ReplicaFailure", "True", "", "quota")],
    }),
    "InProgress",
    /quota/,
  ],
  ["too few", replicaSet({ availableReplicas: 1 }), "InProgress", /1 of 2/],
];

describe("a workload", () => {
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

  test("green that is older than what was applied is not green", () => {
    const options = { minGeneration: 2 };
    expect(computeStatus(deployment({}), options)).toEqual({
      status: "InProgress",
      message: "generation 1 is older than 2, which was applied",
    });
    expect(computeStatus(deployment({}), { minGeneration: 1 }).status).toBe(
      "Current",
    );
  });

  test("counts that came as wide integers are counts", () => {
    const object = deployment({ readyReplicas: 9007199254740993n });
    expect(computeStatus(object).status).toBe("Current");
  });
});
