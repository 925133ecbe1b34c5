import {
  type HealthCheck,
  type HealthExpressions,
  type IgnoreRule,
} from "@wheelhouse/assignment";
import {
  type Json,
  type JsonObject,
  type KubeObject,
  isJsonObject,
} from "@wheelhouse/kube-object";
import {
  type FieldSteps,
  type ObjectReading,
  checkKnownFields,
  readBoolean,
  readDurationMs,
  readList,
  readMap,
  readText,
  readTexts,
  readWord,
  reportField,
  requireText,
} from "./field-reader.ts";
import { readIgnoreRules } from "./fleet-config.ts";
import {
  readHealthExpressions,
  readReadyExpression,
} from "./flux-expressions.ts";

/** Where a Kustomization's files come from. */
export interface FluxSourceRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Where values for substitution come from. */
export interface SubstituteReference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly optional: boolean;
}

/** A patch as kustomize takes it; `target` is passed on as it stands. */
export interface FluxPatch {
  readonly patch: string;
  readonly target?: JsonObject;
}

/** A bundle that must come first. */
export interface FluxDependency {
  readonly namespace: string;
  readonly name: string;
  /** CEL in the place of whether it is Ready. */
  readonly readyExpr?: string;
}

/** A Flux `Kustomization`, as rendered: the fields that are built, with Flux's defaults filled in. */
export interface FluxKustomization {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** As written; empty for the source's root. */
  readonly path: string;
  readonly sourceRef: FluxSourceRef;
  readonly intervalMs: number;
  readonly retryIntervalMs: number;
  readonly timeoutMs: number;
  readonly prune: boolean;
  readonly wait: boolean;
  readonly suspend: boolean;
  readonly targetNamespace?: string;
  readonly dependsOn: readonly FluxDependency[];
  readonly healthChecks: readonly HealthCheck[];
  readonly healthCheckExprs: readonly HealthExpressions[];
  /** The object as it was rendered; undefined for the implicit root. */
  readonly object?: KubeObject;
  readonly patches: readonly FluxPatch[];
  readonly ignore: readonly IgnoreRule[];
  readonly substitute: Readonly<Record<string, string>>;
  readonly substituteFrom: readonly SubstituteReference[];
}

const builtFields = [
  "path",
  "sourceRef",
  "interval",
  "retryInterval",
  "timeout",
  "prune",
  "wait",
  "suspend",
  "targetNamespace",
  "dependsOn",
  "healthChecks",
  "healthCheckExprs",
  "patches",
  "ignore",
  "postBuild",
];

/** Fields that Flux has and we have not, with the values that change nothing. */
const unbuiltFields: Readonly<Record<string, readonly Json[]>> = {
  buildMetadata: [],
  commonMetadata: [],
  components: [],
  decryption: [],
  deletionPolicy: ["MirrorPrune"],
  force: [false],
  ignoreMissingComponents: [false],
  images: [],
  kubeConfig: [],
  namePrefix: [""],
  nameSuffix: [""],
  patchesJson6902: [],
  patchesStrategicMerge: [],
  serviceAccountName: [""],
  validation: ["none", "client", "server"],
};

/** Where a Kustomization says nothing of its interval: Flux requires one, so this is seldom seen. */
const defaultIntervalMs = 10 * 60_000;

/**
 * Reads a Flux `Kustomization` as it was rendered. A field that is not built,
 * or not known, is noted by name as a problem: applying the bundle without it
 * would be something else than what was written.
 */
export function readFluxKustomization(
  reading: ObjectReading,
  object: KubeObject,
): FluxKustomization {
  const metadata = object.metadata;
  const spec = readMap(reading, object["spec"], ["spec"]);
  checkFields(reading, spec);
  const namespace =
    readText(reading, metadata["namespace"], ["metadata", "namespace"]) ??
    "default";
  const duration = <Fallback extends number | undefined>(
    field: string,
    fallback: Fallback,
  ): number | Fallback =>
    readDurationMs(reading, spec[field], ["spec", field], fallback);
  const flag = (field: string): boolean =>
    readBoolean(reading, spec[field], ["spec", field], false);
  const intervalMs = duration("interval", defaultIntervalMs);
  const targetNamespace = readText(reading, spec["targetNamespace"], [
    "spec",
    "targetNamespace",
  ]);
  return {
    namespace,
    name: metadata.name,
    annotations: readTexts(reading, metadata["annotations"], [
      "metadata",
      "annotations",
    ]),
    path: readText(reading, spec["path"], ["spec", "path"]) ?? "",
    sourceRef: readSourceRef(reading, spec, namespace),
    intervalMs,
    retryIntervalMs: duration("retryInterval", intervalMs),
    timeoutMs: duration("timeout", intervalMs),
    prune: flag("prune"),
    wait: flag("wait"),
    suspend: flag("suspend"),
    ...(targetNamespace === undefined ? {} : { targetNamespace }),
    dependsOn: readDependencies(reading, spec, namespace),
    healthChecks: readHealthChecks(reading, spec),
    healthCheckExprs: readHealthExpressions(reading, spec["healthCheckExprs"], [
      "spec",
      "healthCheckExprs",
    ]),
    object,
    patches: readPatches(reading, spec),
    ignore: readIgnoreRules(reading, spec["ignore"], ["spec", "ignore"]),
    ...readPostBuild(reading, spec),
  };
}

function checkFields(reading: ObjectReading, spec: JsonObject): void {
  const known = [...builtFields, ...Object.keys(unbuiltFields)];
  checkKnownFields(reading, spec, ["spec"], known);
  for (const [field, harmless] of Object.entries(unbuiltFields)) {
    const value = spec[field];
    if (value === undefined || value === null) continue;
    if (harmless.includes(value) || isEmpty(value)) continue;
    reportField(reading, ["spec", field], "is not built yet", {
      reason: "NotBuiltYet",
      advice: "The bundle is held: applied without it, it would be another",
    });
  }
}

function isEmpty(value: Json): boolean {
  return typeof value === "object" && Object.keys(value ?? {}).length === 0;
}

function readSourceRef(
  reading: ObjectReading,
  spec: JsonObject,
  namespace: string,
): FluxSourceRef {
  const path = ["spec", "sourceRef"];
  const ref = readMap(reading, spec["sourceRef"], path);
  return {
    kind: requireText(reading, ref["kind"], [...path, "kind"]),
    namespace:
      readText(reading, ref["namespace"], [...path, "namespace"]) ?? namespace,
    name: requireText(reading, ref["name"], [...path, "name"]),
  };
}

function readDependencies(
  reading: ObjectReading,
  spec: JsonObject,
  namespace: string,
): readonly FluxDependency[] {
  const path = ["spec", "dependsOn"];
  return readList(reading, spec["dependsOn"], path).map((item, index) => {
    const at = [...path, index];
    const dependency = readMap(reading, item, at);
    checkKnownFields(reading, dependency, at, [
      "name",
      "namespace",
      "readyExpr",
    ]);
    return {
      name: requireText(reading, dependency["name"], [...at, "name"]),
      namespace:
        readText(reading, dependency["namespace"], [...at, "namespace"]) ??
        namespace,
      ...readReadyExpression(reading, dependency["readyExpr"], [
        ...at,
        "readyExpr",
      ]),
    };
  });
}

function readHealthChecks(
  reading: ObjectReading,
  spec: JsonObject,
): readonly HealthCheck[] {
  const path = ["spec", "healthChecks"];
  return readList(reading, spec["healthChecks"], path).map((item, index) => {
    const at = [...path, index];
    const check = readMap(reading, item, at);
    const text = (field: string): string =>
      requireText(reading, check[field], [...at, field]);
    return {
      apiVersion: text("apiVersion"),
      kind: text("kind"),
      namespace:
        readText(reading, check["namespace"], [...at, "namespace"]) ?? "",
      name: text("name"),
    };
  });
}

function readPatches(
  reading: ObjectReading,
  spec: JsonObject,
): readonly FluxPatch[] {
  const path = ["spec", "patches"];
  return readList(reading, spec["patches"], path).map((item, index) => {
    const at = [...path, index];
    const patch = readMap(reading, item, at);
    checkKnownFields(reading, patch, at, ["patch", "target"]);
    const target = patch["target"];
    return {
      patch: requireText(reading, patch["patch"], [...at, "patch"]),
      ...(isJsonObject(target) ? { target } : {}),
    };
  });
}

function readPostBuild(
  reading: ObjectReading,
  spec: JsonObject,
): Pick<FluxKustomization, "substitute" | "substituteFrom"> {
  const path: FieldSteps = ["spec", "postBuild"];
  const postBuild = readMap(reading, spec["postBuild"], path);
  checkKnownFields(reading, postBuild, path, [
    "substitute",
    "substituteFrom",
    "substituteStrategy",
  ]);
  const strategy = postBuild["substituteStrategy"] ?? "WithVariables";
  if (strategy !== "WithVariables") {
    reportField(reading, [...path, "substituteStrategy"], "is not built yet", {
      reason: "NotBuiltYet",
    });
  }
  const from = [...path, "substituteFrom"];
  return {
    substitute: readSubstitute(reading, postBuild["substitute"], [
      ...path,
      "substitute",
    ]),
    substituteFrom: readList(reading, postBuild["substituteFrom"], from).map(
      (item, index) => readReference(reading, item, [...from, index]),
    ),
  };
}

/** As text by key, but a null counts as empty, as in Flux. */
function readSubstitute(
  reading: ObjectReading,
  value: Json | undefined,
  path: FieldSteps,
): Readonly<Record<string, string>> {
  const map = readMap(reading, value, path);
  const nulls = Object.keys(map).filter((key) => map[key] === null);
  return {
    ...readTexts(reading, value, path),
    ...Object.fromEntries(nulls.map((key) => [key, ""])),
  };
}

function readReference(
  reading: ObjectReading,
  item: Json,
  path: FieldSteps,
): SubstituteReference {
  const reference = readMap(reading, item, path);
  checkKnownFields(reading, reference, path, ["kind", "name", "optional"]);
  return {
    kind: readWord(reading, reference["kind"], [...path, "kind"], {
      words: ["ConfigMap", "Secret"],
      fallback: "ConfigMap",
    }),
    name: requireText(reading, reference["name"], [...path, "name"]),
    optional: readBoolean(
      reading,
      reference["optional"],
      [...path, "optional"],
      false,
    ),
  };
}
