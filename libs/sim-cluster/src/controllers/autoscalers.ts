import { printTime } from "../print-time.ts";
import { type JsonObject, numberAt, objectAt, stringAt } from "../json.ts";
import { type Resource } from "../resource.ts";
import { toScale, withScale } from "../http/scale.ts";
import { type Change, objectKey } from "../store.ts";
import { type Condition, stampConditions } from "./conditions.ts";
import { type Controller, type ControllerContext } from "./controller.ts";
import { isDeleting, namespaceOf } from "./owned.ts";

const storage = "autoscaling/horizontalpodautoscalers";

/** Holds the replicas of each autoscaler's target between its bounds, through the target's scale; there are no metrics. */
export const autoscalerController: Controller = {
  name: "horizontal-pod-autoscaler",
  resource: storage,
  also: {
    "apps/deployments": targeted("Deployment"),
    "apps/statefulsets": targeted("StatefulSet"),
    "apps/replicasets": targeted("ReplicaSet"),
  },
  reconcile(context, key) {
    const scaler = context.get(storage, key);
    if (scaler === undefined || isDeleting(scaler)) return undefined;
    const spec = objectAt(scaler, "spec");
    const reference = objectAt(spec, "scaleTargetRef");
    const resource = context.state.resources.ofKind(
      stringAt(reference, "apiVersion"),
      stringAt(reference, "kind"),
    );
    const target =
      resource === undefined
        ? undefined
        : context.get(
            resource.storage,
            objectKey(namespaceOf(scaler), stringAt(reference, "name")),
          );
    if (resource === undefined || target === undefined)
      return missing(context, scaler);
    hold(context, scaler, resource, target);
    return undefined;
  },
};

function targeted(kind: string) {
  return (
    { object }: Change,
    { store }: ControllerContext["state"],
  ): string[] => {
    const name = stringAt(objectAt(object, "metadata"), "name");
    return store
      .list(storage, namespaceOf(object))
      .filter((scaler) => {
        const reference = objectAt(objectAt(scaler, "spec"), "scaleTargetRef");
        return reference["kind"] === kind && reference["name"] === name;
      })
      .map((scaler) =>
        objectKey(
          namespaceOf(scaler),
          stringAt(objectAt(scaler, "metadata"), "name"),
        ),
      );
  };
}

function missing(context: ControllerContext, scaler: JsonObject): undefined {
  report(context, scaler, 0, 0, [
    {
      type: "AbleToScale",
      status: false,
      reason: "FailedGetScale",
      message:
        "the HPA controller was unable to get the target's current scale",
    },
  ]);
}

function hold(
  context: ControllerContext,
  scaler: JsonObject,
  resource: Resource,
  target: JsonObject,
): void {
  const spec = objectAt(scaler, "spec");
  const scale = toScale(resource, target);
  const current = numberAt(objectAt(scale, "spec"), "replicas", 0);
  const min = numberAt(spec, "minReplicas", 1);
  const max = numberAt(spec, "maxReplicas", min);
  if (current === 0)
    return report(context, scaler, 0, 0, [
      {
        type: "AbleToScale",
        status: true,
        reason: "SucceededGetScale",
        message:
          "the HPA controller was able to get the target's current scale",
      },
      {
        type: "ScalingActive",
        status: false,
        reason: "ScalingDisabled",
        message:
          "scaling is disabled since the replica count of the target is zero",
      },
    ]);
  const wanted = Math.min(max, Math.max(min, current));
  if (wanted !== current)
    context.update(
      resource.storage,
      target,
      (copy) =>
        Object.assign(
          copy,
          withScale(resource, copy, { spec: { replicas: wanted } }),
        ),
      "scale",
    );
  const running = numberAt(objectAt(scale, "status"), "replicas", 0);
  report(context, scaler, running, wanted, [
    {
      type: "AbleToScale",
      status: true,
      reason: "SucceededGetScale",
      message: "the HPA controller was able to get the target's current scale",
    },
    {
      type: "ScalingActive",
      status: false,
      reason: "FailedGetResourceMetric",
      message:
        "the HPA was unable to compute the replica count: no metrics in a simulated cluster",
    },
  ]);
}

function report(
  context: ControllerContext,
  scaler: JsonObject,
  currentReplicas: number,
  desiredReplicas: number,
  conditions: readonly Condition[],
): void {
  const now = context.state.clock.nowMs();
  const before = objectAt(scaler, "status");
  const scaled =
    numberAt(before, "desiredReplicas", desiredReplicas) !== desiredReplicas;
  const last = scaled ? printTime(now) : stringAt(before, "lastScaleTime");
  context.setStatus(storage, scaler, {
    ...(last === "" ? {} : { lastScaleTime: last }),
    ...(currentReplicas > 0 ? { currentReplicas } : {}),
    desiredReplicas,
    currentMetrics: null,
    conditions: stampConditions(scaler, conditions, now),
  });
}
