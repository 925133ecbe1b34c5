import {
  type Artifact,
  type AssignedBundle,
  type BundleName,
  type BundleSpec,
  type Revision,
  bundleDigest,
  encodeObjects,
  encodeTemplate,
} from "@wheelhouse/assignment";
import {
  type FleetConfig,
  type FluxHelmRelease,
} from "@wheelhouse/fleet-model";
import { adoptAnnotation } from "@wheelhouse/kube-object";
import { healthChecksOf } from "./bundle-checks.ts";
import { dependenciesOf } from "./dependency-problems.ts";
import { type AskedObjects } from "./ready-expressions.ts";
import { type ExploredBundle } from "./explored-bundle.ts";

/** What a bundle of a kind that is not built yet is given, so that it can be held. */
const heldIntervalMs = 10 * 60_000;

/** A bundle as it is assigned, with the artifact that it names, if it has one. */
export interface Assigned {
  readonly bundle: AssignedBundle;
  readonly artifact: Artifact | undefined;
}

/** What bundles are assigned with, all of a cluster alike. */
export interface AssignContext {
  readonly config: FleetConfig;
  readonly selfName: string | undefined;
  readonly revision: Revision;
  /** The Flux objects that ready expressions are about. */
  readonly asked: AskedObjects;
  readonly bundles: ReadonlyMap<BundleName, ExploredBundle>;
}

/** Makes an assigned bundle of a built or held one. Nothing in its digest depends on the commit. */
export function assignBundle(
  explored: ExploredBundle,
  { config, selfName, revision, asked, bundles }: AssignContext,
): Assigned {
  const artifact = artifactOf(explored);
  const object = asked.get(explored.name);
  const spec: BundleSpec = {
    ...settingsOf(explored, config),
    name: explored.name,
    artifact: artifact?.reference ?? null,
    dependsOn: dependenciesOf(explored, selfName),
    healthChecks: healthChecksOf(explored, bundles, selfName),
    ...(object === undefined ? {} : { object }),
    lateReferences: explored.lateReferences,
    held: explored.held ?? null,
  };
  return {
    bundle: { spec, digest: bundleDigest(spec), revision },
    artifact,
  };
}

function artifactOf({
  held,
  template,
  objects,
}: ExploredBundle): Artifact | undefined {
  if (held !== undefined) return undefined;
  return template === undefined
    ? encodeObjects(objects)
    : encodeTemplate(template);
}

type Settings = Omit<
  BundleSpec,
  | "name"
  | "artifact"
  | "dependsOn"
  | "healthChecks"
  | "object"
  | "lateReferences"
  | "held"
>;

function settingsOf(explored: ExploredBundle, config: FleetConfig): Settings {
  const { kustomization, release, decryption } = explored;
  if (release !== undefined) return releaseSettings(release, config);
  const { drift, createNamespaces } = config;
  const target = kustomization?.edits.targetNamespace;
  const healthCheckExprs = kustomization?.healthCheckExprs ?? [];
  return {
    wait: kustomization?.wait ?? false,
    ...(healthCheckExprs.length === 0 ? {} : { healthCheckExprs }),
    timeoutMs: kustomization?.timeoutMs ?? heldIntervalMs,
    intervalMs: kustomization?.intervalMs ?? heldIntervalMs,
    retryIntervalMs: kustomization?.retryIntervalMs ?? heldIntervalMs,
    prune: kustomization?.prune ?? false,
    deletionPolicy: kustomization?.deletionPolicy ?? "MirrorPrune",
    force: kustomization?.force ?? false,
    suspend: kustomization?.suspend ?? false,
    serviceAccountName: kustomization?.serviceAccountName ?? null,
    decryption: decryption ?? null,
    drift: {
      mode: drift.mode,
      ignore: [...drift.ignore, ...(kustomization?.ignore ?? [])],
    },
    adopt: kustomization?.annotations[adoptAnnotation] === "true",
    createNamespaces:
      createNamespaces === "missing" && target !== undefined ? [target] : [],
  };
}

/** As Flux and Helm have it: what a chart no longer makes goes, and drift is not looked at unless somebody asks. */
function releaseSettings(
  release: FluxHelmRelease,
  { drift, createNamespaces }: FleetConfig,
): Settings {
  const { healthCheckExprs } = release;
  const target = release.targetNamespace ?? release.namespace;
  const isCreated =
    release.createNamespace ||
    (createNamespaces === "missing" && release.targetNamespace !== undefined);
  return {
    wait: release.wait,
    ...(healthCheckExprs.length === 0 ? {} : { healthCheckExprs }),
    timeoutMs: release.timeoutMs,
    intervalMs: release.intervalMs,
    retryIntervalMs: release.intervalMs,
    prune: true,
    deletionPolicy: "MirrorPrune",
    force: release.force,
    suspend: release.suspend,
    serviceAccountName: release.serviceAccountName ?? null,
    decryption: null,
    drift: {
      mode: release.driftMode ?? drift.helm ?? "disabled",
      ignore: [...drift.ignore, ...release.ignore],
    },
    adopt: release.annotations[adoptAnnotation] === "true",
    createNamespaces: isCreated ? [target] : [],
  };
}
