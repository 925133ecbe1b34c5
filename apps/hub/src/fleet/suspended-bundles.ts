import {
  type AssignedBundle,
  bundleDigest,
  rootOf,
} from "@wheelhouse/assignment";
import { type StoredTarget, type Suspension } from "@wheelhouse/hub-store";
import { type Target } from "@wheelhouse/rollout";

/** A cluster's bundles with those frozen that a person suspended. What results has its own digests and root. */
export function suspendBundles(
  cluster: string,
  bundles: readonly AssignedBundle[],
  suspensions: readonly Suspension[],
): readonly AssignedBundle[] {
  const frozen = new Set(
    suspensions
      .filter((suspension) => suspension.cluster === cluster)
      .map(({ bundle }) => bundle),
  );
  return bundles.map((bundle) => {
    if (!frozen.has(bundle.spec.name) || bundle.spec.suspend) return bundle;
    const spec = { ...bundle.spec, suspend: true };
    return { ...bundle, spec, digest: bundleDigest(spec) };
  });
}

/** A stored target as a rollout looks at it, with a person's suspensions in it. */
export function targetOf(
  { cluster, bundles, revision }: StoredTarget,
  suspensions: readonly Suspension[],
): Target {
  return rolloutTarget(suspendBundles(cluster, bundles, suspensions), revision);
}

/** Bundles as a rollout looks at them. */
export function rolloutTarget(
  bundles: readonly AssignedBundle[],
  revision: Target["revision"],
): Target {
  return {
    root: rootOf(bundles),
    revision,
    bundles: bundles.map(({ spec, digest }) => ({
      name: spec.name,
      digest,
      dependsOn: spec.dependsOn.map(({ bundle }) => bundle),
      timeoutMs: spec.timeoutMs,
    })),
  };
}
