import {
  type Json,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { matchesSelector } from "../selectors.ts";
import { objectKey } from "../store.ts";
import { stampConditions } from "./conditions.ts";
import { type Controller } from "./controller.ts";
import { isDeleting, namespaceOf } from "./owned.ts";
import { isReady } from "./pods.ts";

const storage = "policy/poddisruptionbudgets";

/** Counts the pods of each disruption budget; evictions are not served. */
export const disruptionBudgetController: Controller = {
  name: "disruption",
  resource: storage,
  also: {
    "/pods": ({ object }, { store }) =>
      store
        .list(storage, namespaceOf(object))
        .map((budget) =>
          objectKey(
            namespaceOf(budget),
            stringAt(objectAt(budget, "metadata"), "name"),
          ),
        ),
  },
  reconcile(context, key) {
    const budget = context.get(storage, key);
    if (budget === undefined || isDeleting(budget)) return undefined;
    const spec = objectAt(budget, "spec");
    const pods = context.state.store
      .list("/pods", namespaceOf(budget))
      .filter((pod) =>
        matchesSelector(
          spec["selector"],
          objectAt(objectAt(pod, "metadata"), "labels"),
        ),
      );
    const healthy = pods.filter(isReady).length;
    const desired = desiredHealthy(spec, pods.length);
    const allowed = pods.length === 0 ? 0 : Math.max(0, healthy - desired);
    const condition = {
      type: "DisruptionAllowed",
      status: allowed > 0,
      reason: allowed > 0 ? "SufficientPods" : "InsufficientPods",
      message: "",
    };
    const generation = numberAt(objectAt(budget, "metadata"), "generation", 1);
    context.setStatus(storage, budget, {
      observedGeneration: generation,
      disruptionsAllowed: allowed,
      currentHealthy: healthy,
      desiredHealthy: desired,
      expectedPods: pods.length,
      conditions: stampConditions(
        budget,
        [condition],
        context.state.clock.nowMs(),
      ).map((each) => ({ ...each, observedGeneration: generation })),
    });
    return undefined;
  },
};

function desiredHealthy(spec: JsonObject, expected: number): number {
  const count = (value: Json) =>
    typeof value === "string"
      ? Math.ceil((parseFloat(value) * expected) / 100)
      : Number(value);
  if (spec["minAvailable"] !== undefined) return count(spec["minAvailable"]);
  if (spec["maxUnavailable"] === undefined) return Math.max(0, expected - 1);
  return Math.max(0, expected - count(spec["maxUnavailable"]));
}
