import {
  type DriftMode,
  type IgnoreRule,
  type IgnoreTarget,
} from "@wheelhouse/assignment";
import { checkIgnoreRule } from "@wheelhouse/drift";
import { type Json, type JsonObject } from "@wheelhouse/kube-object";
import { readMetadata, topFields } from "./cluster.ts";
import {
  type FieldSteps,
  type ObjectReading,
  checkKnownFields,
  readBoolean,
  readList,
  readMap,
  readText,
  readWord,
  reportField,
  requireText,
} from "./field-reader.ts";
import { type FleetConfig } from "./fleet-objects.ts";
import { parseRepoPath } from "./repo-path.ts";

/** What may be said of drift. */
export const driftModes: readonly DriftMode[] = ["enabled", "warn", "disabled"];

/** What holds in a fleet repo without a FleetConfig. */
export const defaultFleetConfig: FleetConfig = {
  clustersDir: "fleet/clusters",
  rootPath: "clusters/${CLUSTER_NAME}",
  fluxObjects: "consume",
  skipFluxComponents: true,
  createNamespaces: "none",
  drift: { mode: "enabled", ignore: [] },
};

/** Reads the `FleetConfig` object, with every default filled in. */
export function readFleetConfig(
  reading: ObjectReading,
  object: JsonObject,
): FleetConfig {
  const spec = readMap(reading, object["spec"], ["spec"]);
  readMetadata(reading, object);
  checkKnownFields(reading, object, [], topFields);
  checkKnownFields(
    reading,
    spec,
    ["spec"],
    ["clusters", "rootPath", "flux", "namespaces", "drift", "helm"],
  );
  const section = (name: string, known: readonly string[]): JsonObject => {
    const map = readMap(reading, spec[name], ["spec", name]);
    checkKnownFields(reading, map, ["spec", name], known);
    return map;
  };
  const clusters = section("clusters", ["dir"]);
  const flux = section("flux", ["objects", "skipComponents"]);
  const namespaces = section("namespaces", ["create"]);
  const drift = section("drift", ["mode", "helm", "ignore"]);
  const helm = section("helm", ["kubeVersion", "apiVersions"]);
  const defaults = defaultFleetConfig;
  return {
    clustersDir:
      readPath(reading, clusters["dir"], ["spec", "clusters", "dir"]) ??
      defaults.clustersDir,
    rootPath:
      readPath(reading, spec["rootPath"], ["spec", "rootPath"]) ??
      defaults.rootPath,
    fluxObjects: readWord(
      reading,
      flux["objects"],
      ["spec", "flux", "objects"],
      {
        words: ["consume", "apply"],
        fallback: defaults.fluxObjects,
      },
    ),
    skipFluxComponents: readBoolean(
      reading,
      flux["skipComponents"],
      ["spec", "flux", "skipComponents"],
      defaults.skipFluxComponents,
    ),
    createNamespaces: readWord(
      reading,
      namespaces["create"],
      ["spec", "namespaces", "create"],
      { words: ["none", "missing"], fallback: defaults.createNamespaces },
    ),
    ...(Object.keys(helm).length === 0
      ? {}
      : { helm: readHelm(reading, helm) }),
    drift: {
      mode: readWord(reading, drift["mode"], ["spec", "drift", "mode"], {
        words: driftModes,
        fallback: defaults.drift.mode,
      }),
      ...readHelmDrift(reading, drift["helm"]),
      ignore: readIgnoreRules(reading, drift["ignore"], [
        "spec",
        "drift",
        "ignore",
      ]),
    },
  };
}

function readHelm(
  reading: ObjectReading,
  helm: JsonObject,
): NonNullable<FleetConfig["helm"]> {
  const path = ["spec", "helm"];
  const version = readText(reading, helm["kubeVersion"], [
    ...path,
    "kubeVersion",
  ]);
  if (version !== undefined && !/^v?\d+\.\d+(\.\d+)?$/.test(version)) {
    reportField(reading, [...path, "kubeVersion"], "is no version", {
      advice: "Write it like v1.33.4",
    });
  }
  return {
    ...(version === undefined ? {} : { kubeVersion: version }),
    apiVersions: readList(reading, helm["apiVersions"], [
      ...path,
      "apiVersions",
    ]).map((item, index) =>
      requireText(reading, item, [...path, "apiVersions", index]),
    ),
  };
}

function readHelmDrift(
  reading: ObjectReading,
  value: Json | undefined,
): Pick<FleetConfig["drift"], "helm"> {
  if (value === undefined || value === null) return {};
  return {
    helm: readWord(reading, value, ["spec", "drift", "helm"], {
      words: driftModes,
      fallback: "disabled",
    }),
  };
}

function readPath(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): string | undefined {
  const text = readText(reading, value, path);
  if (text === undefined) return undefined;
  const parsed = parseRepoPath(text);
  if (parsed.ok) return parsed.path;
  reportField(reading, path, parsed.message, {
    reason: "PathOutsideRepository",
  });
  return undefined;
}

const targetFields = [
  "group",
  "version",
  "kind",
  "name",
  "namespace",
  "labelSelector",
  "annotationSelector",
] as const;

/** Reads ignore rules of the shape that Flux has: `[{paths, target}]`. */
export function readIgnoreRules(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): readonly IgnoreRule[] {
  return readList(reading, value, path).map((item, index) => {
    const rulePath = [...path, index];
    const rule = readMap(reading, item, rulePath);
    checkKnownFields(reading, rule, rulePath, ["paths", "target"]);
    const target = readTarget(reading, rule["target"], [...rulePath, "target"]);
    if (target !== undefined) {
      // A rule that cannot be read matches nothing, and nobody would be told.
      for (const wrong of checkIgnoreRule({ paths: [], target })) {
        reportField(reading, rulePath, wrong);
      }
    }
    return {
      paths: readPointers(reading, rule["paths"], [...rulePath, "paths"]),
      ...(target === undefined ? {} : { target }),
    };
  });
}

function readPointers(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): readonly string[] {
  const list = readList(reading, value, path);
  if (list.length === 0) {
    reportField(reading, path, "needs at least one path", {
      reason: "MissingField",
    });
  }
  return list.map((item, index) => {
    const pointer = requireText(reading, item, [...path, index]);
    if (pointer !== "" && !pointer.startsWith("/")) {
      reportField(reading, [...path, index], "is no JSON Pointer", {
        advice: "Write it like /spec/replicas",
      });
    }
    return pointer;
  });
}

function readTarget(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): IgnoreTarget | undefined {
  if (value === undefined || value === null) return undefined;
  const map = readMap(reading, value, path);
  checkKnownFields(reading, map, path, targetFields);
  const entries = targetFields.flatMap((field) => {
    const text = readText(reading, map[field], [...path, field]);
    return text === undefined ? [] : [[field, text] as const];
  });
  return Object.fromEntries(entries);
}
