import { type JsonObject, numberAt, objectAt } from "../json.ts";
import { type Controller, type ControllerContext } from "./controller.ts";
import { isDeleting, namespaceOf, ownersOfKind, podFrom } from "./owned.ts";
import { isReady } from "./pods.ts";

const storage = "apps/replicasets";

/** Keeps as many pods as each ReplicaSet says. */
export const replicaSetController: Controller = {
  name: "replicaset",
  resource: storage,
  also: { "/pods": ownersOfKind("ReplicaSet") },
  reconcile(context, key) {
    const set = context.get(storage, key);
    if (set === undefined || isDeleting(set)) return undefined;
    fit(context, set);
    report(context, set);
    return undefined;
  },
};

const living = (context: ControllerContext, set: JsonObject) =>
  context.controlled(set, "/pods").filter((pod) => !isDeleting(pod));

function fit(context: ControllerContext, set: JsonObject): void {
  const spec = objectAt(set, "spec");
  const wanted = numberAt(spec, "replicas", 1);
  const pods = living(context, set);
  for (let count = pods.length; count < wanted; count += 1) {
    const pod = podFrom(set, objectAt(spec, "template"), {});
    context.create("/pods", namespaceOf(set), pod);
  }
  // Those that are not ready go first.
  const surplus = [...pods]
    .sort((a, b) => Number(isReady(a)) - Number(isReady(b)))
    .slice(0, Math.max(0, pods.length - wanted));
  for (const pod of surplus) context.delete("/pods", pod);
}

function report(context: ControllerContext, set: JsonObject): void {
  const pods = living(context, set);
  const ready = pods.filter(isReady).length;
  context.setStatus(storage, set, {
    replicas: pods.length,
    ...(pods.length > 0 ? { fullyLabeledReplicas: pods.length } : {}),
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    observedGeneration: numberAt(objectAt(set, "metadata"), "generation", 1),
  });
}
