import {
  type AssignedBundle,
  type BundleName,
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

/** What was issued to a cluster, with one bundle in it as its revision and people's suspensions want it now. All others stay as they are. */
export function withDecision(
  issued: {
    readonly cluster: string;
    readonly bundle: BundleName;
    readonly bundles: readonly AssignedBundle[];
  },
  target: StoredTarget | null,
  suspensions: readonly Suspension[],
): readonly AssignedBundle[] {
  const { cluster, bundle, bundles } = issued;
  return bundles.flatMap((one) => {
    if (one.spec.name !== bundle) return [one];
    const wanted = target?.bundles.find(({ spec }) => spec.name === bundle);
    return suspendBundles(cluster, [wanted ?? one], suspensions);
  });
}

/** A stored target as a rollout looks at it, with a person's suspensions in it. */
export function targetOf(
  { cluster, bundles, revision, root }: StoredTarget,
  suspensions: readonly Suspension[],
): Target {
  const isFree = suspensions.every((one) => one.cluster !== cluster);
  if (isFree) return rolloutTarget({ bundles, revision, root });
  const frozen = suspendBundles(cluster, bundles, suspensions);
  return rolloutTarget({ bundles: frozen, revision, root: rootOf(frozen) });
}

/** Bundles as a rollout looks at them. Made once for the same list: steps are many, and assignments few. */
export function rolloutTarget({
  bundles,
  revision,
  root,
}: Pick<StoredTarget, "bundles" | "revision" | "root">): Target {
  const seen = known.get(bundles) ?? bundles.map(targetBundle);
  known.set(bundles, seen);
  return { root, revision, bundles: seen };
}

const known = new WeakMap<readonly AssignedBundle[], Target["bundles"]>();

function targetBundle({ spec, digest }: AssignedBundle) {
  return {
    name: spec.name,
    digest,
    dependsOn: spec.dependsOn.map(({ bundle }) => bundle),
    timeoutMs: spec.timeoutMs,
    suspended: spec.suspend,
    held: spec.held !== null && spec.artifact === null,
  };
}
