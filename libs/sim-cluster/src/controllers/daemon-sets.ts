import { type JsonObject, numberAt, objectAt, stringAt } from "../json.ts";
import { type Controller } from "./controller.ts";
import { isDeleting, namespaceOf, ownersOfKind, podFrom } from "./owned.ts";
import { isReady } from "./pods.ts";
import { templateHash } from "./template-hash.ts";

const storage = "apps/daemonsets";
const revisionLabel = "controller-revision-hash";

/** Keeps one pod of each DaemonSet: a simulated cluster has one node. */
export const daemonSetController: Controller = {
  name: "daemonset",
  resource: storage,
  also: { "/pods": ownersOfKind("DaemonSet") },
  reconcile(context, key) {
    const set = context.get(storage, key);
    if (set === undefined || isDeleting(set)) return undefined;
    const template = objectAt(objectAt(set, "spec"), "template");
    const hash = templateHash(template);
    const isNew = (pod: JsonObject) =>
      stringAt(objectAt(objectAt(pod, "metadata"), "labels"), revisionLabel) ===
      hash;
    const pods = () =>
      context.controlled(set, "/pods").filter((pod) => !isDeleting(pod));
    const onDelete =
      objectAt(objectAt(set, "spec"), "updateStrategy")["type"] === "OnDelete";
    for (const pod of pods())
      if (!isNew(pod) && !onDelete) context.delete("/pods", pod);
    if (pods().length === 0)
      context.create(
        "/pods",
        namespaceOf(set),
        podFrom(set, template, {
          labels: { [revisionLabel]: hash },
        }),
      );
    const ready = pods().filter(isReady).length;
    const updated = pods().filter(isNew).length;
    context.setStatus(storage, set, {
      currentNumberScheduled: pods().length,
      numberMisscheduled: 0,
      desiredNumberScheduled: 1,
      numberReady: ready,
      observedGeneration: numberAt(objectAt(set, "metadata"), "generation", 1),
      ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
      ...(ready > 0 ? { numberAvailable: ready } : { numberUnavailable: 1 }),
    });
    return undefined;
  },
};
