import {
  type AssignedBundle,
  type BundleName,
  type HealthCheck,
} from "@wheelhouse/assignment";
import {
  type JsonObject,
  type KubeObject,
  isJsonObject,
  parseApiVersion,
} from "@wheelhouse/kube-object";

/** How far a bundle is, as those that depend on it see it. */
export interface DependencyState {
  readonly assigned: AssignedBundle;
  /** Its digest of this assignment was applied completely. */
  readonly isApplied: boolean;
  /** Every object of it is Current. */
  readonly isReady: boolean;
  /** Every one of its health checks is Current; true where it has none. */
  readonly areChecksReady: boolean;
}

/** Whether a bundle is Ready as its dependants see it without an expression. */
export function isMet(state: DependencyState): boolean {
  const { spec } = state.assigned;
  if (!state.isApplied) return false;
  if (spec.wait) return state.isReady;
  return state.areChecksReady;
}

/**
 * A bundle as the object that Flux would have for it: what was written, and a
 * status of this assignment. Its generation is always 1; it counts as observed,
 * and can be Ready, once the digest of this assignment is applied.
 */
export function fluxObjectOf(state: DependencyState): JsonObject {
  const { assigned, isApplied } = state;
  const { object } = assigned.spec;
  const metadata = object?.["metadata"];
  const revision = `sha1:${assigned.revision.commit}`;
  const observedGeneration = isApplied ? 1 : 0;
  return {
    ...object,
    metadata: { ...(isJsonObject(metadata) ? metadata : {}), generation: 1 },
    status: {
      observedGeneration,
      conditions: [
        { type: "Ready", ...readinessOf(state), observedGeneration },
      ],
      lastAttemptedRevision: revision,
      ...(isApplied ? { lastAppliedRevision: revision } : {}),
    },
  };
}

function readinessOf(state: DependencyState): JsonObject {
  const { assigned, isApplied } = state;
  if (isMet(state))
    return { status: "True", reason: "ReconciliationSucceeded" };
  const unapplied = assigned.spec.suspend ? "suspended" : "not applied yet";
  const message = `the bundle is ${isApplied ? "not Ready" : unapplied}`;
  return { status: "Unknown", reason: "Progressing", message };
}

/** The groups of Flux's own bundles, which are no objects in a cluster of ours. */
const bundleGroups: ReadonlySet<string> = new Set([
  "kustomize.toolkit.fluxcd.io",
  "helm.toolkit.fluxcd.io",
]);

/** The bundle that a health check names, there or not; undefined for every other object. */
export function checkedBundle({
  apiVersion,
  kind,
  namespace,
  name,
}: HealthCheck): BundleName | undefined {
  return bundleGroups.has(parseApiVersion(apiVersion).group)
    ? `${kind}/${namespace}/${name}`
    : undefined;
}

/** The object that a health check means where it names a bundle of this assignment; undefined for every other. */
export function bundleAsObject(
  check: HealthCheck,
  stateOf: (name: BundleName) => DependencyState | undefined,
): KubeObject | undefined {
  const bundle = checkedBundle(check);
  const state = bundle === undefined ? undefined : stateOf(bundle);
  if (state === undefined) return undefined;
  const { apiVersion, kind, namespace, name } = check;
  return {
    apiVersion,
    kind,
    // Without generations, which would be all that is said of it.
    metadata: { namespace, name },
    status: { conditions: [{ type: "Ready", ...readinessOf(state) }] },
  };
}
