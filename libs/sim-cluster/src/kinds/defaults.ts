import {
  ensureObject,
  isObject,
  type JsonObject,
  objectAt,
  stringAt,
} from "../json.ts";
import {
  defaultPodSpec,
  defaultRequests,
  objectsAt,
  setDefault,
} from "./pod-defaults.ts";

type Defaulter = (object: JsonObject) => void;

const withSpec =
  (fill: (spec: JsonObject, object: JsonObject) => void): Defaulter =>
  (object) =>
    fill(ensureObject(object, "spec"), object);

function template(spec: JsonObject): void {
  const pod = ensureObject(spec, "template");
  ensureObject(pod, "metadata");
  defaultPodSpec(ensureObject(pod, "spec"));
}

function rolling(
  spec: JsonObject,
  key: string,
  values: Readonly<Record<string, string | number>>,
): void {
  const strategy = ensureObject(spec, key);
  setDefault(strategy, "type", "RollingUpdate");
  if (strategy["type"] !== "RollingUpdate") return;
  const update = ensureObject(strategy, "rollingUpdate");
  for (const [name, value] of Object.entries(values))
    setDefault(update, name, value);
}

function claim(spec: JsonObject): void {
  setDefault(spec, "volumeMode", "Filesystem");
}

function jobSpec(spec: JsonObject): void {
  if (spec["completions"] === undefined && spec["parallelism"] === undefined)
    spec["completions"] = 1;
  setDefault(spec, "parallelism", 1);
  setDefault(
    spec,
    "backoffLimit",
    spec["backoffLimitPerIndex"] === undefined ? 6 : 2147483647,
  );
  setDefault(spec, "completionMode", "NonIndexed");
  setDefault(spec, "suspend", false);
  setDefault(
    spec,
    "podReplacementPolicy",
    spec["podFailurePolicy"] === undefined ? "TerminatingOrFailed" : "Failed",
  );
  setDefault(spec, "manualSelector", false);
  template(spec);
}

function service(spec: JsonObject): void {
  setDefault(spec, "sessionAffinity", "None");
  setDefault(spec, "type", "ClusterIP");
  if (spec["sessionAffinity"] === "ClientIP")
    setDefault(spec, "sessionAffinityConfig", {
      clientIP: { timeoutSeconds: 10800 },
    });
  for (const port of objectsAt(spec, "ports")) {
    setDefault(port, "protocol", "TCP");
    setDefault(port, "targetPort", port["port"] ?? 0);
  }
  if (spec["type"] === "ExternalName") return;
  setDefault(spec, "internalTrafficPolicy", "Cluster");
  if (spec["type"] === "ClusterIP") return;
  setDefault(spec, "externalTrafficPolicy", "Cluster");
  if (spec["type"] === "LoadBalancer")
    setDefault(spec, "allocateLoadBalancerNodePorts", true);
}

function networkPolicy(spec: JsonObject): void {
  ensureObject(spec, "podSelector");
  setDefault(spec, "policyTypes", [
    "Ingress",
    ...(spec["egress"] === undefined ? [] : ["Egress"]),
  ]);
  for (const rule of [
    ...objectsAt(spec, "ingress"),
    ...objectsAt(spec, "egress"),
  ])
    for (const port of objectsAt(rule, "ports"))
      setDefault(port, "protocol", "TCP");
}

function autoscaler(spec: JsonObject): void {
  setDefault(spec, "minReplicas", 1);
  setDefault(spec, "metrics", [
    {
      type: "Resource",
      resource: {
        name: "cpu",
        target: { type: "Utilization", averageUtilization: 80 },
      },
    },
  ]);
}

function webhooks(object: JsonObject, mutating: boolean): void {
  for (const hook of objectsAt(object, "webhooks")) {
    setDefault(hook, "failurePolicy", "Fail");
    setDefault(hook, "matchPolicy", "Equivalent");
    setDefault(hook, "namespaceSelector", {});
    setDefault(hook, "objectSelector", {});
    setDefault(hook, "timeoutSeconds", 10);
    if (mutating) setDefault(hook, "reinvocationPolicy", "Never");
    for (const rule of objectsAt(hook, "rules")) setDefault(rule, "scope", "*");
    const target = objectAt(hook, "clientConfig")["service"];
    if (isObject(target)) setDefault(target, "port", 443);
  }
}

/** What is given as text is kept encoded. */
function secret(object: JsonObject): void {
  setDefault(object, "type", "Opaque");
  const texts = object["stringData"];
  if (!isObject(texts)) return;
  delete object["stringData"];
  const data = ensureObject(object, "data");
  for (const [key, text] of Object.entries(texts))
    data[key] = Buffer.from(String(text)).toString("base64");
}

const rbacGroup = "rbac.authorization.k8s.io";

function binding(object: JsonObject): void {
  const role = ensureObject(object, "roleRef");
  if (stringAt(role, "apiGroup") === "") role["apiGroup"] = rbacGroup;
  for (const subject of objectsAt(object, "subjects"))
    if (subject["kind"] !== "ServiceAccount")
      setDefault(subject, "apiGroup", rbacGroup);
}

function definition(spec: JsonObject): void {
  const names = ensureObject(spec, "names");
  const kind = stringAt(names, "kind");
  if (stringAt(names, "singular") === "")
    names["singular"] = kind.toLowerCase();
  if (stringAt(names, "listKind") === "") names["listKind"] = `${kind}List`;
  setDefault(spec, "conversion", { strategy: "None" });
}

function statefulSet(spec: JsonObject): void {
  setDefault(spec, "podManagementPolicy", "OrderedReady");
  setDefault(spec, "replicas", 1);
  setDefault(spec, "revisionHistoryLimit", 10);
  rolling(spec, "updateStrategy", { partition: 0 });
  const retention = ensureObject(spec, "persistentVolumeClaimRetentionPolicy");
  setDefault(retention, "whenDeleted", "Retain");
  setDefault(retention, "whenScaled", "Retain");
  template(spec);
  for (const each of objectsAt(spec, "volumeClaimTemplates")) {
    setDefault(each, "apiVersion", "v1");
    setDefault(each, "kind", "PersistentVolumeClaim");
    claim(ensureObject(each, "spec"));
    setDefault(ensureObject(each, "status"), "phase", "Pending");
  }
}

function deployment(spec: JsonObject): void {
  setDefault(spec, "replicas", 1);
  rolling(spec, "strategy", { maxUnavailable: "25%", maxSurge: "25%" });
  setDefault(spec, "revisionHistoryLimit", 10);
  setDefault(spec, "progressDeadlineSeconds", 600);
  template(spec);
}

const defaulters: Readonly<Record<string, Defaulter>> = {
  "core.v1.Pod": withSpec((spec) => {
    setDefault(spec, "enableServiceLinks", true);
    defaultPodSpec(spec);
    defaultRequests(spec);
  }),
  "core.v1.ReplicationController": withSpec((spec) => {
    setDefault(spec, "replicas", 1);
    template(spec);
  }),
  "core.v1.PodTemplate": template,
  "core.v1.Service": withSpec(service),
  "core.v1.Namespace": (object) => {
    const metadata = ensureObject(object, "metadata");
    const labels = ensureObject(metadata, "labels");
    labels["kubernetes.io/metadata.name"] = stringAt(metadata, "name");
  },
  "core.v1.LimitRange": withSpec((spec) => {
    for (const limit of objectsAt(spec, "limits"))
      if (isObject(limit["default"]) && limit["type"] === "Container")
        setDefault(limit, "defaultRequest", { ...limit["default"] });
  }),
  "core.v1.Secret": secret,
  "core.v1.PersistentVolumeClaim": withSpec(claim),
  "core.v1.PersistentVolume": withSpec((spec) => {
    setDefault(spec, "persistentVolumeReclaimPolicy", "Retain");
    setDefault(spec, "volumeMode", "Filesystem");
  }),
  "apps.v1.Deployment": withSpec(deployment),
  "apps.v1.ReplicaSet": withSpec((spec) => {
    setDefault(spec, "replicas", 1);
    template(spec);
  }),
  "apps.v1.StatefulSet": withSpec(statefulSet),
  "apps.v1.DaemonSet": withSpec((spec) => {
    setDefault(spec, "revisionHistoryLimit", 10);
    rolling(spec, "updateStrategy", { maxUnavailable: 1, maxSurge: 0 });
    template(spec);
  }),
  "batch.v1.Job": withSpec(jobSpec),
  "batch.v1.CronJob": withSpec((spec) => {
    setDefault(spec, "concurrencyPolicy", "Allow");
    setDefault(spec, "suspend", false);
    setDefault(spec, "successfulJobsHistoryLimit", 3);
    setDefault(spec, "failedJobsHistoryLimit", 1);
    const job = ensureObject(ensureObject(spec, "jobTemplate"), "spec");
    template(job);
  }),
  "networking.v1.NetworkPolicy": withSpec(networkPolicy),
  "autoscaling.v2.HorizontalPodAutoscaler": withSpec(autoscaler),
  "storage.v1.StorageClass": (object) => {
    setDefault(object, "reclaimPolicy", "Delete");
    setDefault(object, "volumeBindingMode", "Immediate");
  },
  "scheduling.v1.PriorityClass": (object) =>
    setDefault(object, "preemptionPolicy", "PreemptLowerPriority"),
  "rbac.v1.RoleBinding": binding,
  "rbac.v1.ClusterRoleBinding": binding,
  "admissionregistration.v1.ValidatingWebhookConfiguration": (object) =>
    webhooks(object, false),
  "admissionregistration.v1.MutatingWebhookConfiguration": (object) =>
    webhooks(object, true),
  "apiextensions.v1.CustomResourceDefinition": withSpec(definition),
};

/** Fills in place what the server fills in for a built-in type. */
export function applyDefaults(type: string, object: JsonObject): void {
  defaulters[type]?.(object);
}
