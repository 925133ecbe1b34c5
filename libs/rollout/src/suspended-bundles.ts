import {
  type AssignedBundle,
  type BundleName,
  type Digest,
  type Revision,
  bundleDigest,
  rootOf,
} from "@wheelhouse/assignment";
import { type Target, type TargetBundle } from "./rollout-input.ts";

/** A whole cluster, or with a bundle's name that bundle in it, frozen by a person. */
export interface Frozen {
  readonly cluster: string;
  readonly bundle: BundleName | null;
}

/** What a revision was compiled to for one cluster, before anything is frozen by a person. */
export interface CompiledTarget {
  readonly cluster: string;
  /** False where the cluster cannot be built at all, and keeps its whole last assignment. */
  readonly ok: boolean;
  readonly root: Digest;
  readonly revision: Revision;
  readonly bundles: readonly AssignedBundle[];
}

/** A cluster's bundles with those suspended that a person froze. What results has its own digests and root. */
export function suspendBundles(
  cluster: string,
  bundles: readonly AssignedBundle[],
  suspensions: readonly Frozen[],
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
  target: Pick<CompiledTarget, "bundles"> | null,
  suspensions: readonly Frozen[],
): readonly AssignedBundle[] {
  const { cluster, bundle, bundles } = issued;
  return bundles.flatMap((one) => {
    if (one.spec.name !== bundle) return [one];
    const wanted = target?.bundles.find(({ spec }) => spec.name === bundle);
    return suspendBundles(cluster, [wanted ?? one], suspensions);
  });
}

/** A compiled target as a rollout looks at it, with what people froze in it. */
export function targetOf(
  { cluster, bundles, revision, root }: CompiledTarget,
  suspensions: readonly Frozen[],
): Target {
  const isFree = suspensions.every((one) => one.cluster !== cluster);
  if (isFree) return asTarget({ bundles, revision, root });
  const frozen = suspendBundles(cluster, bundles, suspensions);
  return asTarget({ bundles: frozen, revision, root: rootOf(frozen) });
}

/** Bundles as a rollout looks at them. Made once for the same list: steps are many, and assignments few. */
export function asTarget({
  bundles,
  revision,
  root,
}: Pick<CompiledTarget, "bundles" | "revision" | "root">): Target {
  const seen = known.get(bundles) ?? bundles.map(targetBundle);
  known.set(bundles, seen);
  return { root, revision, bundles: seen };
}

const known = new WeakMap<readonly AssignedBundle[], Target["bundles"]>();

function targetBundle({ spec, digest }: AssignedBundle): TargetBundle {
  return {
    name: spec.name,
    digest,
    dependsOn: spec.dependsOn.map(({ bundle }) => bundle),
    timeoutMs: spec.timeoutMs,
    suspended: spec.suspend,
    held: spec.held !== null && spec.artifact === null,
  };
}
