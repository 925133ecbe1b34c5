import { printTime } from "../print-time.ts";
import { type JsonObject, numberAt, objectAt, stringAt } from "../json.ts";
import { conditionsOf } from "./conditions.ts";

/** What a deployment's status is made from. */
export interface DeploymentFacts {
  readonly deployment: JsonObject;
  readonly current: JsonObject | undefined;
  readonly old: readonly JsonObject[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The status, and when to look again because a deadline may have passed. */
export interface DeploymentReport {
  readonly status: JsonObject;
  readonly againMs: number | undefined;
}

interface Counts {
  readonly wanted: number;
  readonly total: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
}

const statusNumber = (set: JsonObject | undefined, key: string) =>
  numberAt(objectAt(set, "status"), key, 0);

function countReplicas({ deployment, current, old }: DeploymentFacts): Counts {
  const all = current === undefined ? old : [current, ...old];
  const sum = (key: string) =>
    all.reduce((total, set) => total + statusNumber(set, key), 0);
  return {
    wanted: numberAt(objectAt(deployment, "spec"), "replicas", 1),
    total: sum("replicas"),
    updated: statusNumber(current, "replicas"),
    ready: sum("readyReplicas"),
    available: sum("availableReplicas"),
  };
}

/** Computes a deployment's status from those of its sets. */
export function deploymentStatus(facts: DeploymentFacts): DeploymentReport {
  const counts = countReplicas(facts);
  const { deployment, now } = facts;
  const unavailable = Math.max(
    0,
    counts.wanted - counts.available,
    counts.total - counts.available,
  );
  const progressing = progressCondition(facts, counts);
  const conditions = [
    availableCondition(facts, counts),
    ...(progressing === undefined ? [] : [progressing.condition]),
  ].sort((a, b) => order(deployment, a) - order(deployment, b));
  const numbers = {
    replicas: counts.total,
    updatedReplicas: counts.updated,
    readyReplicas: counts.ready,
    availableReplicas: counts.available,
    unavailableReplicas: unavailable,
  };
  return {
    status: {
      observedGeneration: numberAt(
        objectAt(deployment, "metadata"),
        "generation",
        1,
      ),
      ...Object.fromEntries(
        Object.entries(numbers).filter(([, value]) => value > 0),
      ),
      conditions,
    },
    againMs:
      progressing?.deadline === undefined
        ? undefined
        : Math.max(0, progressing.deadline - now),
  };
}

/** Conditions stay where they were; new ones come last. */
function order(deployment: JsonObject, condition: JsonObject): number {
  const index = conditionsOf(deployment).findIndex(
    (each) => each["type"] === condition["type"],
  );
  return index < 0 ? 99 : index;
}

function condition(
  { deployment, now }: DeploymentFacts,
  type: string,
  status: "True" | "False",
  reason: string,
  message: string,
  touched: boolean,
): JsonObject {
  const before = conditionsOf(deployment).find((each) => each["type"] === type);
  const time = printTime(now);
  const same = before?.["status"] === status;
  const sameReason = same && before["reason"] === reason && !touched;
  return {
    type,
    status,
    lastUpdateTime: sameReason ? stringAt(before, "lastUpdateTime") : time,
    lastTransitionTime: same ? stringAt(before, "lastTransitionTime") : time,
    reason,
    message,
  };
}

function availableCondition(
  facts: DeploymentFacts,
  counts: Counts,
): JsonObject {
  const update = objectAt(
    objectAt(objectAt(facts.deployment, "spec"), "strategy"),
    "rollingUpdate",
  );
  const given = update["maxUnavailable"] ?? 0;
  const mayMiss =
    typeof given === "string"
      ? Math.floor((parseFloat(given) * counts.wanted) / 100)
      : Number(given);
  return counts.available >= counts.wanted - mayMiss
    ? condition(
        facts,
        "Available",
        "True",
        "MinimumReplicasAvailable",
        "Deployment has minimum availability.",
        false,
      )
    : condition(
        facts,
        "Available",
        "False",
        "MinimumReplicasUnavailable",
        "Deployment does not have minimum availability.",
        false,
      );
}

function progressCondition(
  facts: DeploymentFacts,
  counts: Counts,
): { condition: JsonObject; deadline: number | undefined } | undefined {
  const { deployment, current, now } = facts;
  const before = conditionsOf(deployment).find(
    (each) => each["type"] === "Progressing",
  );
  if (current === undefined)
    return before === undefined
      ? undefined
      : { condition: before, deadline: undefined };
  const name = stringAt(objectAt(current, "metadata"), "name");
  const say = (
    status: "True" | "False",
    reason: string,
    text: string,
    touched = false,
  ) =>
    condition(
      facts,
      "Progressing",
      status,
      reason,
      `ReplicaSet "${name}" ${text}`,
      touched,
    );
  const { wanted, total, updated, available } = counts;
  if (updated === wanted && total === wanted && available === wanted)
    return {
      condition: say(
        "True",
        "NewReplicaSetAvailable",
        "has successfully progressed.",
      ),
      deadline: undefined,
    };
  const started =
    before !== undefined && stringAt(before, "message").includes(`"${name}"`);
  const moved = !started || hasProgressed(deployment, counts);
  const late = deadlineOf(facts, before, moved);
  if (before?.["reason"] === "ProgressDeadlineExceeded" && !moved)
    return { condition: before, deadline: undefined };
  if (late !== undefined && late <= now)
    return {
      condition: say(
        "False",
        "ProgressDeadlineExceeded",
        "has timed out progressing.",
      ),
      deadline: undefined,
    };
  // A set that was complete before keeps that word until something moves.
  if (before?.["reason"] === "NewReplicaSetAvailable" && !moved)
    return { condition: before, deadline: late };
  return {
    condition: say("True", "ReplicaSetUpdated", "is progressing.", moved),
    deadline: late,
  };
}

function hasProgressed(deployment: JsonObject, counts: Counts): boolean {
  const before = objectAt(deployment, "status");
  const number = (key: string) => numberAt(before, key, 0);
  return (
    counts.updated > number("updatedReplicas") ||
    counts.total - counts.updated <
      number("replicas") - number("updatedReplicas") ||
    counts.ready > number("readyReplicas") ||
    counts.available > number("availableReplicas")
  );
}

function deadlineOf(
  { deployment, now }: DeploymentFacts,
  before: JsonObject | undefined,
  moved: boolean,
): number | undefined {
  const seconds = numberAt(
    objectAt(deployment, "spec"),
    "progressDeadlineSeconds",
    600,
  );
  if (seconds >= 2_147_483_647) return undefined;
  const since =
    moved || before === undefined
      ? now
      : Date.parse(stringAt(before, "lastUpdateTime"));
  return since + seconds * 1000;
}
