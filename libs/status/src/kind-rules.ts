import { type KubeObject } from "@wheelhouse/kube-object";
import { conditionsOf, textAt } from "./object-fields.ts";
import { current, failed, inProgress } from "./object-health.ts";
import { type ObjectHealth } from "./object-status.ts";
import { cronJobHealth, jobHealth, podHealth } from "./pod-rules.ts";
import {
  daemonSetHealth,
  deploymentHealth,
  replicaSetHealth,
  statefulSetHealth,
} from "./workload-rules.ts";

/** What an object of one kind says of itself. Undefined leaves it to the rules for all kinds. */
export type KindRule = (
  object: KubeObject,
  now: number | undefined,
) => ObjectHealth | undefined;

/** The rules by `group/Kind`. Kinds without a controller are Current as soon as they are there. */
export const kindRules: ReadonlyMap<string, KindRule> = new Map<
  string,
  KindRule
>([
  ["apps/Deployment", deploymentHealth],
  ["extensions/Deployment", deploymentHealth],
  ["apps/StatefulSet", statefulSetHealth],
  ["apps/DaemonSet", daemonSetHealth],
  ["extensions/DaemonSet", daemonSetHealth],
  ["apps/ReplicaSet", replicaSetHealth],
  ["extensions/ReplicaSet", replicaSetHealth],
  ["batch/Job", jobHealth],
  ["batch/CronJob", cronJobHealth],
  ["/Pod", podHealth],
  ["/PersistentVolumeClaim", claimHealth],
  ["/Service", serviceHealth],
  ["/Namespace", () => current("namespace is there")],
  ["/ConfigMap", always],
  ["/Secret", always],
  ["/ServiceAccount", always],
  ["rbac.authorization.k8s.io/Role", always],
  ["rbac.authorization.k8s.io/RoleBinding", always],
  ["rbac.authorization.k8s.io/ClusterRole", always],
  ["rbac.authorization.k8s.io/ClusterRoleBinding", always],
  ["networking.k8s.io/Ingress", always],
  // Current without metrics too, as in kstatus: an autoscaler that cannot
  // measure leaves the replicas alone, and the workload says how it fares.
  ["autoscaling/HorizontalPodAutoscaler", always],
  ["policy/PodDisruptionBudget", always],
  ["apiextensions.k8s.io/CustomResourceDefinition", definitionHealth],
  ["apiregistration.k8s.io/APIService", apiServiceHealth],
]);

function always(): ObjectHealth {
  return current("is there");
}

function claimHealth(object: KubeObject): ObjectHealth {
  const phase = textAt(object, "status", "phase") || "unknown";
  if (phase === "Bound") return current("claim is bound");
  // Nothing in the claim tells how its class binds, so the hint is given always.
  return inProgress(
    `claim is not bound, phase ${phase} (a class that waits for its first consumer binds with the first pod)`,
  );
}

function serviceHealth(object: KubeObject): ObjectHealth {
  const isLoadBalancer = textAt(object, "spec", "type") === "LoadBalancer";
  return isLoadBalancer && textAt(object, "spec", "clusterIP") === ""
    ? inProgress("load balancer has no cluster IP yet")
    : current("service is ready");
}

function definitionHealth(object: KubeObject): ObjectHealth {
  for (const { type, status, reason, message } of conditionsOf(object)) {
    if (type === "NamesAccepted" && status === "False") {
      return failed(message || reason);
    }
    if (type !== "Established") continue;
    if (status === "True") return current("definition is established");
    if (status === "False" && reason !== "Installing") {
      return failed(message || reason);
    }
  }
  return inProgress("definition is being established");
}

function apiServiceHealth(object: KubeObject): ObjectHealth {
  const available = conditionsOf(object).find(
    ({ type }) => type === "Available",
  );
  return available?.status === "True"
    ? current("API is available")
    : inProgress(available?.message || "API is not available yet");
}
