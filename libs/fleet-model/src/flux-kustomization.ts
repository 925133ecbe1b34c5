import {
  type DeletionPolicy,
  type HealthCheck,
  type HealthExpressions,
  type IgnoreRule,
} from "@wheelhouse/assignment";
import {
  type Json,
  type JsonObject,
  type KubeObject,
} from "@wheelhouse/kube-object";
import {
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
  type CommonMetadata,
  type KustomizationEdits,
  readCommonMetadata,
  readEdits,
} from "./flux-edits.ts";
import { readHealthExpressions } from "./flux-expressions.ts";
import { type FluxDecryption, readDecryption } from "./flux-decryption.ts";
import { type FieldSupport, kustomizationFields } from "./flux-fields.ts";
import { type FluxPostBuild, readPostBuild } from "./flux-post-build.ts";
import {
  type FluxDependency,
  type FluxSourceRef,
  readDependencies,
  readServiceAccount,
  readSourceRef,
} from "./flux-references.ts";

/** A Flux `Kustomization`, as rendered: the fields that are built, with Flux's defaults filled in. */
export interface FluxKustomization extends FluxPostBuild {
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
  readonly dependsOn: readonly FluxDependency[];
  readonly healthChecks: readonly HealthCheck[];
  readonly healthCheckExprs: readonly HealthExpressions[];
  /** The object as it was rendered; undefined for the implicit root. */
  readonly object?: KubeObject;
  readonly ignore: readonly IgnoreRule[];
  readonly deletionPolicy: DeletionPolicy;
  /** What is added to the kustomization that is built. */
  readonly edits: KustomizationEdits;
  readonly commonMetadata: CommonMetadata;
  /** Absent where nothing is decrypted. */
  readonly decryption?: FluxDecryption;
  /** Whether objects are made anew for a changed immutable field, and fields in conflict taken. */
  readonly force: boolean;
  /** The account of the Kustomization's namespace that it is applied as; absent for the spoke's own rights. */
  readonly serviceAccountName?: string;
}

const deletionPolicies: readonly DeletionPolicy[] = [
  "MirrorPrune",
  "Delete",
  "WaitForTermination",
  "Orphan",
];

/** Where a Kustomization says nothing of its interval: Flux requires one, so this is seldom seen. */
const defaultIntervalMs = 10 * 60_000;

/**
 * Reads a Flux `Kustomization` as it was rendered. A field that is not built,
 * or not known, is noted by name as a problem: applying the bundle without it
 * would be something else than what was written. An object without a namespace
 * lies in `defaultNamespace`.
 */
export function readFluxKustomization(
  reading: ObjectReading,
  object: KubeObject,
  defaultNamespace = "default",
): FluxKustomization {
  const metadata = object.metadata;
  const spec = readMap(reading, object["spec"], ["spec"]);
  checkFields(reading, spec);
  const namespace =
    readText(reading, metadata["namespace"], ["metadata", "namespace"]) ??
    defaultNamespace;
  const duration = <Fallback extends number | undefined>(
    field: string,
    fallback: Fallback,
  ): number | Fallback =>
    readDurationMs(reading, spec[field], ["spec", field], fallback);
  const flag = (field: string): boolean =>
    readBoolean(reading, spec[field], ["spec", field], false);
  const intervalMs = duration("interval", defaultIntervalMs);
  return {
    namespace,
    name: metadata.name,
    annotations: readTexts(reading, metadata["annotations"], [
      "metadata",
      "annotations",
    ]),
    path: readText(reading, spec["path"], ["spec", "path"]) ?? "",
    sourceRef: readSourceRef(reading, spec["sourceRef"], {
      path: ["spec", "sourceRef"],
      namespace,
    }),
    intervalMs,
    retryIntervalMs: duration("retryInterval", intervalMs),
    timeoutMs: duration("timeout", intervalMs),
    prune: flag("prune"),
    wait: flag("wait"),
    suspend: flag("suspend"),
    force: flag("force"),
    dependsOn: readDependencies(reading, spec, namespace),
    healthChecks: readHealthChecks(reading, spec),
    healthCheckExprs: readHealthExpressions(reading, spec["healthCheckExprs"], [
      "spec",
      "healthCheckExprs",
    ]),
    object,
    deletionPolicy: readWord(
      reading,
      spec["deletionPolicy"],
      ["spec", "deletionPolicy"],
      { words: deletionPolicies, fallback: "MirrorPrune" },
    ),
    edits: readEdits(reading, spec),
    commonMetadata: readCommonMetadata(reading, spec),
    ignore: readIgnoreRules(reading, spec["ignore"], ["spec", "ignore"]),
    ...readPostBuild(reading, spec),
    ...readDecryption(reading, spec),
    ...readServiceAccount(reading, spec),
  };
}

function checkFields(reading: ObjectReading, spec: JsonObject): void {
  checkKnownFields(reading, spec, ["spec"], Object.keys(kustomizationFields));
  const fields: [string, FieldSupport][] = Object.entries(kustomizationFields);
  for (const [field, { support, note }] of fields) {
    const value = spec[field];
    if (support !== "held" || value === undefined || value === null) continue;
    if (isEmpty(value)) continue;
    reportField(reading, ["spec", field], "is not built yet", {
      reason: field === "kubeConfig" ? "OtherCluster" : "NotBuiltYet",
      advice: `${note} The bundle is held: applied without it, it would be another`,
    });
  }
}

function isEmpty(value: Json): boolean {
  return typeof value === "object" && Object.keys(value ?? {}).length === 0;
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
