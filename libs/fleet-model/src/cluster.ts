import { type JsonObject } from "@wheelhouse/kube-object";
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
  const metadata = readMap(reading, object["metadata"], ["metadata"]);
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
    labels: readTexts(reading, metadata["labels"], ["metadata", "labels"]),
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
