import {
  isObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { ageOf } from "./age.ts";
import { type Column } from "./columns.ts";
import { podColumns } from "./pod-columns.ts";
import { printModes, storageColumns } from "./storage-columns.ts";
import { serviceColumns } from "./service-columns.ts";

const text = (
  name: string,
  cell: (object: JsonObject, now: number) => Json,
  priority = 0,
): Column => ({
  name,
  cell,
  priority,
});
const wide = (name: string, cell: (object: JsonObject) => Json) =>
  text(name, cell, 1);
const number = (name: string, cell: (object: JsonObject) => Json): Column => ({
  name,
  type: "integer",
  cell,
});
const spec = (object: JsonObject) => objectAt(object, "spec");
const status = (object: JsonObject) => objectAt(object, "status");
const count = (owner: JsonObject, key: string) => numberAt(owner, key, 0);
const size = (object: JsonObject, key: string) =>
  Object.keys(objectAt(object, key)).length;
const age = text("Age", (object, now) =>
  ageOf(stringAt(objectAt(object, "metadata"), "creationTimestamp"), now),
);
const createdAt: Column = {
  name: "Created At",
  type: "date",
  cell: (object) => stringAt(objectAt(object, "metadata"), "creationTimestamp"),
};

/** Label terms as kubectl shows a selector. */
export function printLabels(labels: JsonObject): string {
  const terms = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort();
  return terms.length === 0 ? "<none>" : terms.join(",");
}

const containers = (object: JsonObject) =>
  listAt(
    objectAt(objectAt(spec(object), "template"), "spec"),
    "containers",
  ).filter(isObject);
const templateColumns: Column[] = [
  wide("Containers", (object) =>
    containers(object)
      .map((each) => stringAt(each, "name"))
      .join(","),
  ),
  wide("Images", (object) =>
    containers(object)
      .map((each) => stringAt(each, "image"))
      .join(","),
  ),
  wide("Selector", (object) =>
    printLabels(objectAt(objectAt(spec(object), "selector"), "matchLabels")),
  ),
];

/** Names of a binding's subjects of one kind. */
function subjects(object: JsonObject, kind: string): string {
  return listAt(object, "subjects")
    .filter(isObject)
    .filter((each) => each["kind"] === kind)
    .map((each) => {
      const namespace = stringAt(each, "namespace");
      const name = stringAt(each, "name");
      return namespace === "" ? name : `${namespace}/${name}`;
    })
    .join(",");
}

const roleColumns: Column[] = [
  text("Role", (object) => {
    const role = objectAt(object, "roleRef");
    return `${stringAt(role, "kind")}/${stringAt(role, "name")}`;
  }),
  age,
  wide("Users", (object) => subjects(object, "User")),
  wide("Groups", (object) => subjects(object, "Group")),
  wide("ServiceAccounts", (object) => subjects(object, "ServiceAccount")),
];

const replicasOf = (object: JsonObject) =>
  `${count(status(object), "readyReplicas")}/${count(spec(object), "replicas")}`;

function jobState(job: JsonObject): string {
  const conditions = listAt(status(job), "conditions").filter(isObject);
  const isTrue = (type: string) =>
    conditions.some(
      (each) => each["type"] === type && each["status"] === "True",
    );
  if (isTrue("Complete")) return "Complete";
  if (isTrue("Failed")) return "Failed";
  if (objectAt(job, "metadata")["deletionTimestamp"] !== undefined)
    return "Terminating";
  if (isTrue("Suspended")) return "Suspended";
  return isTrue("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}

function cronContainers(object: JsonObject, key: string): string {
  const job = objectAt(objectAt(spec(object), "jobTemplate"), "spec");
  return listAt(objectAt(objectAt(job, "template"), "spec"), "containers")
    .filter(isObject)
    .map((each) => stringAt(each, key))
    .join(",");
}

function jobDuration(job: JsonObject, now: number): string {
  const started = stringAt(status(job), "startTime");
  if (started === "") return "";
  const ended = stringAt(status(job), "completionTime");
  return ageOf(started, ended === "" ? now : Date.parse(ended));
}

const claimColumns: Column[] = [
  text("Status", (object) =>
    objectAt(object, "metadata")["deletionTimestamp"] === undefined
      ? stringAt(status(object), "phase")
      : "Terminating",
  ),
  text("Volume", (object) => stringAt(spec(object), "volumeName")),
  text("Capacity", (object) => {
    const bound = stringAt(spec(object), "volumeName") !== "";
    return bound
      ? stringAt(objectAt(status(object), "capacity"), "storage")
      : "";
  }),
  text("Access Modes", (object) => {
    const bound = stringAt(spec(object), "volumeName") !== "";
    return bound ? printModes(status(object)) : "";
  }),
  text("StorageClass", (object) => stringAt(spec(object), "storageClassName")),
  text(
    "VolumeAttributesClass",
    (object) =>
      stringAt(spec(object), "volumeAttributesClassName") || "<unset>",
  ),
  age,
  wide("VolumeMode", (object) => stringAt(spec(object), "volumeMode")),
];

const eventColumns: Column[] = [
  text("Last Seen", (object, now) =>
    ageOf(
      stringAt(object, "lastTimestamp") ||
        stringAt(object, "eventTime") ||
        stringAt(object, "firstTimestamp"),
      now,
    ),
  ),
  text("Type", (object) => stringAt(object, "type")),
  text("Reason", (object) => stringAt(object, "reason")),
  text("Object", (object) => {
    const about = objectAt(object, "involvedObject");
    return `${stringAt(about, "kind").toLowerCase()}/${stringAt(about, "name")}`;
  }),
  wide("Subobject", (object) =>
    stringAt(objectAt(object, "involvedObject"), "fieldPath"),
  ),
  wide("Source", (object) => {
    const source = objectAt(object, "source");
    const component =
      stringAt(source, "component") || stringAt(object, "reportingComponent");
    const host = stringAt(source, "host");
    return host === "" ? component : `${component}, ${host}`;
  }),
  text("Message", (object) => stringAt(object, "message").trim()),
  wide("First Seen", () => ""),
  wide("Count", (object) => count(object, "count")),
  wide("Name", (object) => stringAt(objectAt(object, "metadata"), "name")),
];

function ingressHosts(object: JsonObject): string {
  const hosts = listAt(spec(object), "rules")
    .filter(isObject)
    .map((each) => stringAt(each, "host"))
    .filter((host) => host !== "");
  return hosts.length === 0 ? "*" : hosts.join(",");
}

const targetOf = (object: JsonObject) => {
  const reference = objectAt(spec(object), "scaleTargetRef");
  return `${stringAt(reference, "kind")}/${stringAt(reference, "name")}`;
};

/** Columns of the built-in kinds after the name, by type. */
export const builtInColumns: Readonly<Record<string, readonly Column[]>> = {
  "core.v1.Namespace": [
    text("Status", (object) => stringAt(status(object), "phase")),
    age,
  ],
  "core.v1.ConfigMap": [
    text("Data", (object) => size(object, "data") + size(object, "binaryData")),
    age,
  ],
  "core.v1.Secret": [
    text("Type", (object) => stringAt(object, "type")),
    text("Data", (object) => size(object, "data")),
    age,
  ],
  "core.v1.ServiceAccount": [age],
  "core.v1.LimitRange": [createdAt],
  "core.v1.Pod": podColumns,
  "core.v1.Service": serviceColumns,
  "core.v1.PersistentVolumeClaim": claimColumns,
  ...storageColumns,
  "core.v1.Event": eventColumns,
  "events.v1.Event": eventColumns,
  "apps.v1.Deployment": [
    text("Ready", replicasOf),
    text("Up-to-date", (object) => count(status(object), "updatedReplicas")),
    text("Available", (object) => count(status(object), "availableReplicas")),
    age,
    ...templateColumns,
  ],
  "apps.v1.ReplicaSet": [
    number("Desired", (object) => count(spec(object), "replicas")),
    number("Current", (object) => count(status(object), "replicas")),
    number("Ready", (object) => count(status(object), "readyReplicas")),
    age,
    ...templateColumns,
  ],
  "apps.v1.StatefulSet": [
    text("Ready", replicasOf),
    age,
    ...templateColumns.slice(0, 2),
  ],
  "apps.v1.DaemonSet": [
    number("Desired", (object) =>
      count(status(object), "desiredNumberScheduled"),
    ),
    number("Current", (object) =>
      count(status(object), "currentNumberScheduled"),
    ),
    number("Ready", (object) => count(status(object), "numberReady")),
    number("Up-to-date", (object) =>
      count(status(object), "updatedNumberScheduled"),
    ),
    number("Available", (object) => count(status(object), "numberAvailable")),
    text("Node Selector", (object) =>
      printLabels(
        objectAt(
          objectAt(objectAt(spec(object), "template"), "spec"),
          "nodeSelector",
        ),
      ),
    ),
    age,
    ...templateColumns,
  ],
  "batch.v1.Job": [
    text("Status", jobState),
    text(
      "Completions",
      (object) =>
        `${count(status(object), "succeeded")}/${numberAt(spec(object), "completions", 1)}`,
    ),
    text("Duration", jobDuration),
    age,
    ...templateColumns,
  ],
  "batch.v1.CronJob": [
    text("Schedule", (object) => stringAt(spec(object), "schedule")),
    text(
      "Timezone",
      (object) => stringAt(spec(object), "timeZone") || "<none>",
    ),
    {
      name: "Suspend",
      type: "boolean",
      cell: (object) => (spec(object)["suspend"] === true ? "True" : "False"),
    },
    number("Active", (object) => listAt(status(object), "active").length),
    text("Last Schedule", (object, now) => {
      const last = stringAt(status(object), "lastScheduleTime");
      return last === "" ? "<none>" : ageOf(last, now);
    }),
    age,
    wide("Containers", (object) => cronContainers(object, "name")),
    wide("Images", (object) => cronContainers(object, "image")),
    wide("Selector", () => "<none>"),
  ],
  "networking.v1.Ingress": [
    text(
      "Class",
      (object) => stringAt(spec(object), "ingressClassName") || "<none>",
    ),
    text("Hosts", ingressHosts),
    text("Address", (object) =>
      listAt(objectAt(status(object), "loadBalancer"), "ingress")
        .filter(isObject)
        .map((each) => stringAt(each, "ip") || stringAt(each, "hostname"))
        .join(","),
    ),
    text("Ports", (object) =>
      listAt(spec(object), "tls").length > 0 ? "80, 443" : "80",
    ),
    age,
  ],
  "networking.v1.NetworkPolicy": [
    text("Pod-Selector", (object) =>
      printLabels(
        objectAt(objectAt(spec(object), "podSelector"), "matchLabels"),
      ),
    ),
    age,
  ],
  "autoscaling.v2.HorizontalPodAutoscaler": [
    text("Reference", targetOf),
    text("Targets", (object) =>
      listAt(spec(object), "metrics").length === 0
        ? "<none>"
        : "cpu: <unknown>/80%",
    ),
    text("MinPods", (object) => String(count(spec(object), "minReplicas"))),
    text("MaxPods", (object) => String(count(spec(object), "maxReplicas"))),
    text("Replicas", (object) =>
      String(count(status(object), "currentReplicas")),
    ),
    age,
  ],
  "policy.v1.PodDisruptionBudget": [
    text("Min Available", (object) =>
      String(spec(object)["minAvailable"] ?? "N/A"),
    ),
    text("Max Unavailable", (object) =>
      String(spec(object)["maxUnavailable"] ?? "N/A"),
    ),
    number("Allowed Disruptions", (object) =>
      count(status(object), "disruptionsAllowed"),
    ),
    age,
  ],
  "rbac.v1.Role": [createdAt],
  "rbac.v1.ClusterRole": [createdAt],
  "rbac.v1.RoleBinding": roleColumns,
  "rbac.v1.ClusterRoleBinding": roleColumns,
  "apiextensions.v1.CustomResourceDefinition": [createdAt],
};
