import {
  type Json,
  type JsonObject,
  isJsonObject,
} from "@wheelhouse/kube-object";
import {
  type ObjectReading,
  checkKnownFields,
  readMap,
  reportField,
} from "./field-reader.ts";
import { type FieldSupport, built, held, ignored } from "./flux-fields.ts";

const retries =
  "The spoke tries again at the interval; nothing is rolled back but by a rollout.";
const noTests = "Tests of a chart are never run.";

/** Every field of a Flux HelmRelease's `spec`, nested ones with dots; a parent that stands here itself is taken whole. */
export const helmReleaseFields = {
  "chart.spec.chart": built(
    "A directory of a Git source, or the name of a chart in a HelmRepository.",
  ),
  "chart.spec.version": built(
    "Of a HelmRepository's chart; a directory has one.",
  ),
  "chart.spec.sourceRef": built(
    "GitRepository and Bucket, as far as their files are at hand; a HelmRepository's charts are not fetched yet: held.",
  ),
  "chart.spec.interval": ignored("Every commit is looked at."),
  "chart.spec.reconcileStrategy": ignored(
    "The chart's version stays as it is written; `Revision` adds the commit to it in Flux.",
  ),
  "chart.spec.valuesFiles": built(
    "From the source's root; merged in order, in the place of the chart's own values.",
  ),
  "chart.spec.valuesFile": built("The old form, before `valuesFiles`."),
  "chart.spec.ignoreMissingValuesFiles": built("Then they count as empty."),
  "chart.spec.verify": held("Signatures of charts are not verified yet."),
  "chart.metadata": ignored("Of an object that is not made here."),
  chartRef: built(
    "GitRepository, OCIRepository, Bucket and ExternalArtifact, as far as their files are at hand; HelmChart is held.",
  ),
  interval: built("How often the spoke looks at everything again."),
  timeout: built(
    "Five minutes without it; that of `install` or `upgrade`, where it is longer.",
  ),
  suspend: built("The bundle is neither applied nor healed."),
  releaseName: built(
    "`[targetNamespace-]name` without it, cut to 53 characters as Flux does.",
  ),
  targetNamespace: built("What an object lies in that names no namespace."),
  storageNamespace: ignored("No release Secrets are written."),
  dependsOn: built("HelmReleases; as for a Kustomization."),
  maxHistory: ignored("Git has the history."),
  serviceAccountName: built("As for a Kustomization."),
  persistentClient: ignored("Of Flux's own client."),
  "driftDetection.mode": built(
    "`disabled` without it, as in Flux, unless FleetConfig's `drift.helm` says otherwise.",
  ),
  "driftDetection.ignore": built("Rules for drift that is left as it is."),
  values: built(
    "Over everything of `valuesFrom`; null takes a default of the chart away.",
  ),
  valuesFrom: built(
    "ConfigMaps and Secrets that lie readable in Git, in order. One that only the cluster has, or that is encrypted, holds the release; an optional one that is not in Git counts as empty, with a warning.",
  ),
  postRenderers: built("`kustomize`: patches and images."),
  commonMetadata: built("Set on every object."),
  healthCheckExprs: built("CEL, evaluated by the spoke: see docs/health.md."),
  waitStrategy: ignored("Health is kstatus's, always."),
  "install.createNamespace": built(
    "Created when absent, never owned nor pruned.",
  ),
  "install.crds": built(
    "With `upgrade.crds`: `CreateReplace` of the upgrade applies them, else they are created where absent; both `Skip`, and they are left out.",
  ),
  "install.skipCRDs": built("The old form of `crds: Skip`."),
  "install.disableWait": built(
    "The bundle is then Ready when it is applied; in either place.",
  ),
  "install.disableHooks": built("See hooks, below."),
  "install.disableSchemaValidation": built(
    "Of values by the chart's schema; in either place.",
  ),
  "install.timeout": built("See `timeout`."),
  "install.disableWaitForJobs": ignored("A Job is waited for with the rest."),
  "install.disableOpenAPIValidation": ignored("The API server validates."),
  "install.disableTakeOwnership": ignored("See docs/guide/from-flux.md."),
  "install.remediation": ignored(retries),
  "install.strategy": ignored(retries),
  "install.replace": ignored("No release Secrets are written."),
  "install.serverSideApply": ignored("Everything is applied by the server."),
  "upgrade.crds": built("See `install.crds`."),
  "upgrade.disableWait": built("See `install.disableWait`."),
  "upgrade.disableHooks": built("See hooks, below."),
  "upgrade.disableSchemaValidation": built(
    "See `install.disableSchemaValidation`.",
  ),
  "upgrade.force": built("As `force` of a Kustomization."),
  "upgrade.timeout": built("See `timeout`."),
  "upgrade.preserveValues": held("Values that stand nowhere in Git."),
  "upgrade.disableWaitForJobs": ignored("A Job is waited for with the rest."),
  "upgrade.disableOpenAPIValidation": ignored("The API server validates."),
  "upgrade.disableTakeOwnership": ignored("See docs/guide/from-flux.md."),
  "upgrade.remediation": ignored(retries),
  "upgrade.strategy": ignored(retries),
  "upgrade.cleanupOnFail": ignored(retries),
  "upgrade.serverSideApply": ignored("Everything is applied by the server."),
  test: ignored(noTests),
  rollback: ignored(retries),
  uninstall: ignored(
    "What leaves Git is pruned behind the spoke's gate; hooks for it are never run.",
  ),
  kubeConfig: held("Objects for another cluster."),
} as const satisfies Readonly<Record<string, FieldSupport>>;

/** Notes what nobody knows in a HelmRelease's `spec`, and what holds the bundle. */
export function checkHelmReleaseFields(
  reading: ObjectReading,
  spec: JsonObject,
): void {
  const fields: [string, FieldSupport][] = Object.entries(helmReleaseFields);
  checkLevel(reading, spec, []);
  for (const [name, { support, note }] of fields) {
    const steps = name.split(".");
    if (support !== "held" || isOff(fieldAt(spec, steps))) continue;
    reportField(reading, ["spec", ...steps], "is not built yet", {
      reason: name === "kubeConfig" ? "OtherCluster" : "NotBuiltYet",
      advice: `${note} The bundle is held: applied without it, it would be another`,
    });
  }
}

/** Notes unknown fields of one level, and of the levels in it that the table goes into. */
function checkLevel(
  reading: ObjectReading,
  spec: JsonObject,
  steps: readonly string[],
): void {
  const prefix = steps.map((step) => `${step}.`).join("");
  const within = Object.keys(helmReleaseFields)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
  const known = new Set(within.map((name) => name.split(".")[0] ?? ""));
  const path = ["spec", ...steps];
  const map = readMap(reading, fieldAt(spec, steps), path);
  checkKnownFields(reading, map, path, [...known]);
  for (const name of known) {
    if (!within.includes(name)) checkLevel(reading, spec, [...steps, name]);
  }
}

function fieldAt(spec: JsonObject, steps: readonly string[]): Json | undefined {
  return steps.reduce<Json | undefined>(
    (value, step) => (isJsonObject(value) ? value[step] : undefined),
    spec,
  );
}

function isOff(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
