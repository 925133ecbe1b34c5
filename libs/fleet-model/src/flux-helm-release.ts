import {
  type DriftMode,
  type HealthExpressions,
  type IgnoreRule,
} from "@wheelhouse/assignment";
import { type JsonObject, type KubeObject } from "@wheelhouse/kube-object";
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
} from "./field-reader.ts";
import { driftModes, readIgnoreRules } from "./fleet-config.ts";
import {
  type CommonMetadata,
  type KustomizationEdits,
  readCommonMetadata,
  readEdits,
} from "./flux-edits.ts";
import { readHealthExpressions } from "./flux-expressions.ts";
import {
  type FluxDependency,
  readDependencies,
  readServiceAccount,
} from "./flux-references.ts";
import { checkHelmReleaseFields } from "./helm-release-fields.ts";
import { type ReleaseChart, readReleaseChart } from "./release-chart.ts";
import { type ValuesReference, readValuesReference } from "./release-values.ts";

/** What becomes of the definitions in a chart's `crds` directory: left out, created where absent, or applied. */
export type CrdsPolicy = "Skip" | "Create" | "CreateReplace";

/** A Flux `HelmRelease`, as rendered: the fields that are built, with Flux's defaults filled in. */
export interface FluxHelmRelease {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The object as it was rendered. */
  readonly object: KubeObject;
  readonly chart: ReleaseChart;
  /** As written; absent where Flux makes one. */
  readonly releaseName?: string;
  /** Where objects lie that name no namespace; absent for the release's own. */
  readonly targetNamespace?: string;
  readonly values: JsonObject;
  readonly valuesFrom: readonly ValuesReference[];
  /** One after the other: each adds its patches and images to what the one before made. */
  readonly postRenderers: readonly KustomizationEdits[];
  readonly commonMetadata: CommonMetadata;
  readonly dependsOn: readonly FluxDependency[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly suspend: boolean;
  readonly wait: boolean;
  readonly force: boolean;
  readonly createNamespace: boolean;
  readonly crds: CrdsPolicy;
  /** Events of Helm whose hooks are not run, by the release's own wish. */
  readonly disabledHooks: readonly ("install" | "upgrade")[];
  readonly skipSchemaValidation: boolean;
  readonly healthCheckExprs: readonly HealthExpressions[];
  /** Absent where the release does not say. */
  readonly driftMode?: DriftMode;
  readonly ignore: readonly IgnoreRule[];
  readonly serviceAccountName?: string;
}

const defaultIntervalMs = 10 * 60_000;

/** Helm's own, for each of its actions. */
const defaultTimeoutMs = 5 * 60_000;

const crdsPolicies: readonly CrdsPolicy[] = ["Skip", "Create", "CreateReplace"];

/** One of the two actions that a release configures. */
interface ActionFields {
  readonly timeoutMs: number;
  readonly crds: CrdsPolicy;
  readonly flag: (field: string) => boolean;
}

/**
 * Reads a Flux `HelmRelease` as it was rendered. A field that is not built, or
 * not known, is noted by name as a problem. An object without a namespace lies
 * in `defaultNamespace`.
 */
export function readFluxHelmRelease(
  reading: ObjectReading,
  object: KubeObject,
  defaultNamespace = "default",
): FluxHelmRelease {
  const { metadata } = object;
  const spec = readMap(reading, object["spec"], ["spec"]);
  checkHelmReleaseFields(reading, spec);
  const namespace =
    readText(reading, metadata["namespace"], ["metadata", "namespace"]) ??
    defaultNamespace;
  const timeoutMs = readDurationMs(
    reading,
    spec["timeout"],
    ["spec", "timeout"],
    defaultTimeoutMs,
  );
  const install = readAction(reading, spec, { name: "install", timeoutMs });
  const upgrade = readAction(reading, spec, { name: "upgrade", timeoutMs });
  const either = (field: string): boolean =>
    install.flag(field) || upgrade.flag(field);
  return {
    namespace,
    name: metadata.name,
    annotations: readTexts(reading, metadata["annotations"], [
      "metadata",
      "annotations",
    ]),
    object,
    chart: readReleaseChart(reading, spec, namespace),
    ...readNames(reading, spec),
    values: readMap(reading, spec["values"], ["spec", "values"]),
    valuesFrom: readList(reading, spec["valuesFrom"], [
      "spec",
      "valuesFrom",
    ]).map((item, index) =>
      readValuesReference(reading, item, ["spec", "valuesFrom", index]),
    ),
    postRenderers: readPostRenderers(reading, spec),
    commonMetadata: readCommonMetadata(reading, spec),
    dependsOn: readDependencies(reading, spec, namespace),
    intervalMs: readDurationMs(
      reading,
      spec["interval"],
      ["spec", "interval"],
      defaultIntervalMs,
    ),
    timeoutMs: Math.max(install.timeoutMs, upgrade.timeoutMs),
    suspend: readBoolean(reading, spec["suspend"], ["spec", "suspend"], false),
    wait: !either("disableWait"),
    force: upgrade.flag("force"),
    createNamespace: install.flag("createNamespace"),
    crds: crdsOf(install, upgrade),
    disabledHooks: (["install", "upgrade"] as const).filter((name) =>
      (name === "install" ? install : upgrade).flag("disableHooks"),
    ),
    skipSchemaValidation: either("disableSchemaValidation"),
    healthCheckExprs: readHealthExpressions(reading, spec["healthCheckExprs"], [
      "spec",
      "healthCheckExprs",
    ]),
    ...readDrift(reading, spec),
    ...readServiceAccount(reading, spec),
  };
}

function readNames(
  reading: ObjectReading,
  spec: JsonObject,
): Pick<FluxHelmRelease, "releaseName" | "targetNamespace"> {
  const names = (["releaseName", "targetNamespace"] as const).flatMap(
    (field) => {
      const text = readText(reading, spec[field], ["spec", field]) ?? "";
      return text === "" ? [] : [[field, text] as const];
    },
  );
  return Object.fromEntries(names);
}

function readAction(
  reading: ObjectReading,
  spec: JsonObject,
  { name, timeoutMs }: { readonly name: string; readonly timeoutMs: number },
): ActionFields {
  const path = ["spec", name];
  const action = readMap(reading, spec[name], path);
  const flag = (field: string): boolean =>
    readBoolean(reading, action[field], [...path, field], false);
  const fallback =
    name === "upgrade" || flag("skipCRDs")
      ? ("Skip" as const)
      : ("Create" as const);
  return {
    flag,
    timeoutMs: readDurationMs(
      reading,
      action["timeout"],
      [...path, "timeout"],
      timeoutMs,
    ),
    crds: readWord(reading, action["crds"], [...path, "crds"], {
      words: crdsPolicies,
      fallback,
    }),
  };
}

/** There is no first time here: what an upgrade does is done always, and what only an install does, where it is absent. */
function crdsOf(install: ActionFields, upgrade: ActionFields): CrdsPolicy {
  if (upgrade.crds !== "Skip") return upgrade.crds;
  return install.crds === "Skip" ? "Skip" : "Create";
}

function readPostRenderers(
  reading: ObjectReading,
  spec: JsonObject,
): readonly KustomizationEdits[] {
  const at = ["spec", "postRenderers"];
  return readList(reading, spec["postRenderers"], at).map((item, index) => {
    const path = [...at, index];
    const renderer = readMap(reading, item, path);
    checkKnownFields(reading, renderer, path, ["kustomize"]);
    const inner = [...path, "kustomize"];
    const kustomize = readMap(reading, renderer["kustomize"], inner);
    checkKnownFields(reading, kustomize, inner, [
      "patches",
      "patchesStrategicMerge",
      "patchesJson6902",
      "images",
    ]);
    return readEdits(reading, kustomize, inner);
  });
}

function readDrift(
  reading: ObjectReading,
  spec: JsonObject,
): Pick<FluxHelmRelease, "driftMode" | "ignore"> {
  const path = ["spec", "driftDetection"];
  const drift = readMap(reading, spec["driftDetection"], path);
  const ignore = readIgnoreRules(reading, drift["ignore"], [...path, "ignore"]);
  const mode = drift["mode"];
  if (mode === undefined || mode === null || mode === "") return { ignore };
  return {
    ignore,
    driftMode: readWord(reading, mode, [...path, "mode"], {
      words: driftModes,
      fallback: "disabled",
    }),
  };
}
