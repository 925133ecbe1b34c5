import {
  equalJson,
  type Json,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { type Controller, type ControllerContext } from "./controller.ts";
import { deploymentStatus } from "./deployment-status.ts";
import {
  controllerReference,
  isDeleting,
  namespaceOf,
  ownersOfKind,
} from "./owned.ts";
import { templateHash } from "./template-hash.ts";

const storage = "apps/deployments";
const sets = "apps/replicasets";
const revisionKey = "deployment.kubernetes.io/revision";
const hashLabel = "pod-template-hash";

/** Rolls each Deployment from one ReplicaSet to the next, and says how far it got. */
export const deploymentController: Controller = {
  name: "deployment",
  resource: storage,
  also: { [sets]: ownersOfKind("Deployment") },
  reconcile(context, key) {
    const live = context.get(storage, key);
    if (live === undefined || isDeleting(live)) return undefined;
    const rollout = readRollout(context, live);
    const current = rollout.current ?? startSet(context, rollout);
    if (current !== undefined) {
      const deployment = markRevision(context, live, current);
      scale(context, { ...rollout, deployment, current });
    }
    return report(context, key);
  },
};

interface Rollout {
  readonly deployment: JsonObject;
  readonly current: JsonObject | undefined;
  readonly old: readonly JsonObject[];
}

const replicasOf = (object: JsonObject) =>
  numberAt(objectAt(object, "spec"), "replicas", 1);
const available = (object: JsonObject) =>
  numberAt(objectAt(object, "status"), "availableReplicas", 0);
const sum = (list: readonly JsonObject[], of: (each: JsonObject) => number) =>
  list.reduce((total, each) => total + of(each), 0);
const revisionOf = (object: JsonObject) =>
  Number(
    objectAt(objectAt(object, "metadata"), "annotations")[revisionKey] ?? 0,
  );

function withoutHash(template: JsonObject): Json {
  const metadata = objectAt(template, "metadata");
  const { [hashLabel]: _hash, ...labels } = objectAt(metadata, "labels");
  return { ...template, metadata: { ...metadata, labels } };
}

function readRollout(
  context: ControllerContext,
  deployment: JsonObject,
): Rollout {
  const template = objectAt(objectAt(deployment, "spec"), "template");
  const owned = context
    .controlled(deployment, sets)
    .filter((each) => !isDeleting(each));
  const current = owned.find((each) =>
    equalJson(
      withoutHash(objectAt(objectAt(each, "spec"), "template")),
      withoutHash(template),
    ),
  );
  return { deployment, current, old: owned.filter((each) => each !== current) };
}

function startSet(
  context: ControllerContext,
  { deployment, old }: Rollout,
): JsonObject | undefined {
  const spec = objectAt(deployment, "spec");
  if (spec["paused"] === true) return undefined;
  const template = objectAt(spec, "template");
  const hash = templateHash(template);
  const name = stringAt(objectAt(deployment, "metadata"), "name");
  const metadata = objectAt(template, "metadata");
  const labels = { ...objectAt(metadata, "labels"), [hashLabel]: hash };
  const selector = objectAt(spec, "selector");
  const revision = Math.max(0, ...old.map(revisionOf)) + 1;
  return context.create(sets, namespaceOf(deployment), {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${name}-${hash}`,
      labels,
      annotations: { [revisionKey]: String(revision) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(spec["minReadySeconds"] === undefined
        ? {}
        : { minReadySeconds: spec["minReadySeconds"] }),
      selector: {
        ...selector,
        matchLabels: {
          ...objectAt(selector, "matchLabels"),
          [hashLabel]: hash,
        },
      },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  });
}

/** The deployment carries the revision of its newest set; going back to an old one makes that the newest. */
function markRevision(
  context: ControllerContext,
  deployment: JsonObject,
  current: JsonObject,
): JsonObject {
  const owned = context.controlled(deployment, sets);
  const highest = Math.max(...owned.map(revisionOf));
  const isNewest = revisionOf(current) === highest;
  const revision = isNewest ? highest : highest + 1;
  const mark = (copy: JsonObject) => {
    const metadata = objectAt(copy, "metadata");
    metadata["annotations"] = {
      ...objectAt(metadata, "annotations"),
      [revisionKey]: String(revision),
    };
  };
  if (!isNewest) context.update(sets, current, mark);
  return context.update(storage, deployment, mark) ?? deployment;
}

function scale(
  context: ControllerContext,
  rollout: Rollout & { readonly current: JsonObject },
): void {
  const { deployment, old } = rollout;
  const key = stringAt(objectAt(rollout.current, "metadata"), "name");
  const current =
    context.get(sets, `${namespaceOf(deployment)}/${key}`) ?? rollout.current;
  const spec = objectAt(deployment, "spec");
  const wanted = replicasOf(deployment);
  const recreate = objectAt(spec, "strategy")["type"] === "Recreate";
  const { surge, unavailable } = bounds(spec, wanted);
  const total = replicasOf(current) + sum(old, replicasOf);
  const room = recreate
    ? sum(old, (each) => numberAt(objectAt(each, "status"), "replicas", 0)) > 0
      ? 0
      : wanted
    : wanted + surge - total + replicasOf(current);
  setReplicas(
    context,
    current,
    Math.min(wanted, Math.max(room, Math.min(replicasOf(current), wanted))),
  );
  shrinkOld(context, current, old, recreate ? 0 : wanted - unavailable);
  forgetOld(context, deployment, old);
}

function bounds(spec: JsonObject, wanted: number) {
  const update = objectAt(objectAt(spec, "strategy"), "rollingUpdate");
  const surge = share(update["maxSurge"] ?? 0, wanted, Math.ceil);
  const unavailable = share(update["maxUnavailable"] ?? 0, wanted, Math.floor);
  // With neither, nothing could ever move.
  return {
    surge,
    unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable,
  };
}

function share(
  value: Json,
  of: number,
  round: (each: number) => number,
): number {
  return typeof value === "string"
    ? round((parseFloat(value) * of) / 100)
    : Number(value);
}

function setReplicas(
  context: ControllerContext,
  set: JsonObject,
  replicas: number,
): void {
  context.update(sets, set, (copy) => {
    objectAt(copy, "spec")["replicas"] = replicas;
  });
}

/** Old sets give way as far as enough pods stay available; their pods that are not available go first. */
function shrinkOld(
  context: ControllerContext,
  current: JsonObject,
  old: readonly JsonObject[],
  minAvailable: number,
): void {
  let spare = available(current) + sum(old, available) - minAvailable;
  for (const set of old) {
    const sick = replicasOf(set) - available(set);
    const healthy = Math.max(0, Math.min(spare, available(set)));
    if (sick + healthy <= 0) continue;
    spare -= healthy;
    setReplicas(context, set, replicasOf(set) - sick - healthy);
  }
}

function forgetOld(
  context: ControllerContext,
  deployment: JsonObject,
  old: readonly JsonObject[],
): void {
  const limit = numberAt(
    objectAt(deployment, "spec"),
    "revisionHistoryLimit",
    10,
  );
  const empty = old
    .filter(
      (each) =>
        replicasOf(each) === 0 &&
        numberAt(objectAt(each, "status"), "replicas", 0) === 0,
    )
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  for (const set of empty.slice(0, Math.max(0, empty.length - limit)))
    context.delete(sets, set);
}

function report(context: ControllerContext, key: string): number | undefined {
  const deployment = context.get(storage, key);
  if (deployment === undefined) return undefined;
  const { current, old } = readRollout(context, deployment);
  const { status, againMs } = deploymentStatus({
    deployment,
    current,
    old,
    now: context.state.clock.nowMs(),
  });
  const before = objectAt(deployment, "status");
  if (!equalJson(before, status))
    context.setStatus(storage, deployment, status);
  return againMs;
}
