import {
  type JsonObject,
  type Labels,
  findLabelRule,
} from "@wheelhouse/kube-object";
import {
  type ObjectReading,
  checkKnownFields,
  readBoolean,
  readList,
  readMap,
  readText,
  readTexts,
  readWord,
  reportField,
  requireText,
} from "./field-reader.ts";
import { type Cluster, type ExposedConfigMap } from "./fleet-objects.ts";
import { parseRepoPath } from "./repo-path.ts";

const clusterName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const variableName = /^[_A-Za-z][_A-Za-z0-9]*$/;

/** Reads a `Cluster` object. What is wrong with it is noted in the reading. */
export function readCluster(
  reading: ObjectReading,
  object: JsonObject,
): Cluster {
  const metadata = readMetadata(reading, object);
  const spec = readMap(reading, object["spec"], ["spec"]);
  checkKnownFields(reading, object, [], topFields);
  checkKnownFields(
    reading,
    spec,
    ["spec"],
    ["path", "variables", "exposeVariablesAs", "suspend", "revokedUids"],
  );
  const name = requireText(reading, metadata["name"], ["metadata", "name"]);
  if (name !== "" && !clusterName.test(name)) {
    reportField(reading, ["metadata", "name"], "is no valid name", {
      advice: "Use lower-case letters, digits, - and .",
    });
  }
  const path = readRootPath(reading, spec);
  const pathLocation = reading.locate(["spec", "path"]);
  return {
    name,
    source: "git",
    labels: readLabels(reading, metadata),
    ...(path === undefined ? {} : { path }),
    ...(path === undefined || pathLocation === undefined
      ? {}
      : { pathLocation }),
    variables: readVariables(reading, spec),
    exposeVariablesAs: readList(reading, spec["exposeVariablesAs"], [
      "spec",
      "exposeVariablesAs",
    ]).map((_, index) => readExposed(reading, spec, index)),
    suspend: readBoolean(reading, spec["suspend"], ["spec", "suspend"], false),
    revokedUids: readList(reading, spec["revokedUids"], [
      "spec",
      "revokedUids",
    ]).map((uid, index) =>
      requireText(reading, uid, ["spec", "revokedUids", index]),
    ),
    location: reading.locate([]) ?? { file: "" },
  };
}

/** What stands at the top of every object. */
export const topFields = ["apiVersion", "kind", "metadata", "spec", "status"];

/** What Kubernetes knows in the metadata of every object; of ours, only name and labels are read. */
const metadataFields = [
  ...["name", "namespace", "labels", "annotations", "generateName", "uid"],
  ...["resourceVersion", "generation", "creationTimestamp", "selfLink"],
  ...["deletionTimestamp", "deletionGracePeriodSeconds", "managedFields"],
  ...["finalizers", "ownerReferences"],
];

/** Reads an object's metadata: a misspelt field would be one that is not there. */
export function readMetadata(
  reading: ObjectReading,
  object: JsonObject,
): JsonObject {
  const metadata = readMap(reading, object["metadata"], ["metadata"]);
  checkKnownFields(reading, metadata, ["metadata"], metadataFields);
  return metadata;
}

function readLabels(reading: ObjectReading, metadata: JsonObject): Labels {
  const path = ["metadata", "labels"];
  const labels = readTexts(reading, metadata["labels"], path);
  for (const [key, value] of Object.entries(labels)) {
    const rule = findLabelRule(key, value);
    if (rule === null) continue;
    const message = `${JSON.stringify(value)}: ${rule}`;
    reportField(reading, [...path, key], message, {
      advice: "Selectors and the API take labels by Kubernetes' rules alone",
    });
  }
  return labels;
}

/** Whether a Cluster's labels can be read: where not, any selector may be meant for it. */
export function hasReadableLabels(
  reading: ObjectReading,
  object: JsonObject,
): boolean {
  const apart = { ...reading, problems: [] };
  readLabels(apart, readMetadata(apart, object));
  return apart.problems.length === 0;
}

function readRootPath(
  reading: ObjectReading,
  spec: JsonObject,
): string | undefined {
  const text = readText(reading, spec["path"], ["spec", "path"]);
  if (text === undefined) return undefined;
  const path = parseRepoPath(text);
  if (path.ok) return path.path;
  reportField(reading, ["spec", "path"], path.message, {
    reason: path.reason,
  });
  return undefined;
}

function readVariables(
  reading: ObjectReading,
  spec: JsonObject,
): Readonly<Record<string, string>> {
  const variables = readTexts(reading, spec["variables"], [
    "spec",
    "variables",
  ]);
  for (const name of Object.keys(variables)) {
    if (variableName.test(name)) continue;
    reportField(
      reading,
      ["spec", "variables", name],
      "is no name of a variable",
      { advice: "Use letters, digits and _, and begin with no digit" },
    );
  }
  return variables;
}

function readExposed(
  reading: ObjectReading,
  spec: JsonObject,
  index: number,
): ExposedConfigMap {
  const path = ["spec", "exposeVariablesAs", index];
  const list = readList(reading, spec["exposeVariablesAs"], path);
  const item = readMap(reading, list[index], path);
  checkKnownFields(reading, item, path, ["kind", "namespace", "name"]);
  readWord(reading, item["kind"], [...path, "kind"], {
    words: ["ConfigMap"],
    fallback: "ConfigMap",
  });
  return {
    namespace:
      readText(reading, item["namespace"], [...path, "namespace"]) ??
      "flux-system",
    name: requireText(reading, item["name"], [...path, "name"]),
  };
}
