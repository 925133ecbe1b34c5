import {
  type JsonObject,
  isObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { ageOf } from "./age.ts";
import { type Column } from "./columns.ts";

const column = (
  name: string,
  cell: (object: JsonObject) => string,
  priority = 0,
): Column => ({ name, priority, cell });
const spec = (object: JsonObject) => objectAt(object, "spec");
const age: Column = {
  name: "Age",
  cell: (object, now) =>
    ageOf(stringAt(objectAt(object, "metadata"), "creationTimestamp"), now),
};

const modes: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

/** Access modes in their short form. */
export function printModes(object: JsonObject): string {
  return listAt(object, "accessModes")
    .map((each) => modes[String(each)] ?? String(each))
    .join(",");
}

function claimOf(volume: JsonObject): string {
  const claim = objectAt(spec(volume), "claimRef");
  const name = stringAt(claim, "name");
  return name === "" ? "" : `${stringAt(claim, "namespace")}/${name}`;
}

const quotaUse = (quota: JsonObject, isLimit: boolean) => {
  const status = objectAt(quota, "status");
  return Object.entries(objectAt(status, "hard"))
    .filter(([name]) => name.startsWith("limits.") === isLimit)
    .map(([name, hard]) => {
      const used = stringAt(objectAt(status, "used"), name) || "0";
      return `${name}: ${used}/${String(hard)}`;
    })
    .sort()
    .join(", ");
};

const addresses = (endpoints: JsonObject) => {
  const ips = listAt(endpoints, "subsets")
    .filter(isObject)
    .flatMap((subset) => listAt(subset, "addresses").filter(isObject))
    .map((each) => stringAt(each, "ip"));
  return ips.length === 0 ? "<none>" : ips.join(",");
};

/** Columns of volumes, classes, quotas and endpoints after the name, by type. */
export const storageColumns: Readonly<Record<string, readonly Column[]>> = {
  "core.v1.PersistentVolume": [
    column("Capacity", (each) =>
      stringAt(objectAt(spec(each), "capacity"), "storage"),
    ),
    column("Access Modes", (each) => printModes(spec(each))),
    column("Reclaim Policy", (each) =>
      stringAt(spec(each), "persistentVolumeReclaimPolicy"),
    ),
    column("Status", (each) => stringAt(objectAt(each, "status"), "phase")),
    column("Claim", claimOf),
    column("StorageClass", (each) => stringAt(spec(each), "storageClassName")),
    column(
      "VolumeAttributesClass",
      (each) => stringAt(spec(each), "volumeAttributesClassName") || "<unset>",
    ),
    column("Reason", (each) => stringAt(objectAt(each, "status"), "reason")),
    age,
    column("VolumeMode", (each) => stringAt(spec(each), "volumeMode"), 1),
  ],
  "core.v1.ResourceQuota": [
    column("Request", (each) => quotaUse(each, false)),
    column("Limit", (each) => quotaUse(each, true)),
    age,
  ],
  "core.v1.Endpoints": [column("Endpoints", addresses), age],
  "storage.v1.StorageClass": [
    column("Provisioner", (each) => stringAt(each, "provisioner")),
    column("ReclaimPolicy", (each) => stringAt(each, "reclaimPolicy")),
    column("VolumeBindingMode", (each) => stringAt(each, "volumeBindingMode")),
    column("AllowVolumeExpansion", (each) =>
      String(each["allowVolumeExpansion"] === true),
    ),
    age,
  ],
};
