import {
  type AssignedBundle,
  type BundleName,
  type BundleSpec,
  type Digest,
  type Revision,
  bundleDigest,
  rootOf,
} from "@wheelhouse/assignment";
import { compareBytewise } from "@wheelhouse/kube-object";
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
  return freeze(bundles, frozenNames(cluster, suspensions));
}

function freeze(
  bundles: readonly AssignedBundle[],
  frozen: ReadonlySet<BundleName | null>,
): readonly AssignedBundle[] {
  return bundles.map((bundle) =>
    !frozen.has(bundle.spec.name) || bundle.spec.suspend
      ? bundle
      : withSpec(bundle, { suspend: true }),
  );
}

/**
 * What a cluster is to be issued of a target: with those bundles suspended
 * that a person froze. One of them that the target has no more stays as it
 * was issued last, suspended, and says since when Git has it no more: were
 * it to leave, a spoke that never heard of the suspension would delete what
 * a person froze.
 */
export function decidedBundles(
  { cluster, bundles, revision }: Omit<CompiledTarget, "ok" | "root">,
  suspensions: readonly Frozen[],
  issued: readonly AssignedBundle[],
): readonly AssignedBundle[] {
  const wanted = new Set(bundles.map(({ spec }) => spec.name));
  const frozen = frozenNames(cluster, suspensions);
  const removed = issued.filter(
    ({ spec: { name } }) => frozen.has(name) && !wanted.has(name),
  );
  const suspended = freeze(bundles, frozen);
  if (removed.length === 0) return suspended;
  const kept = removed.map((bundle) => {
    const { artifact, held, removedIn = revision.commit } = bundle.spec;
    const isBuilt = artifact !== null;
    const change = { suspend: true, removedIn, held: isBuilt ? null : held };
    return withSpec(bundle, change);
  });
  return [...suspended, ...kept].sort((a, b) =>
    compareBytewise(a.spec.name, b.spec.name),
  );
}

function frozenNames(
  cluster: string,
  suspensions: readonly Frozen[],
): ReadonlySet<BundleName | null> {
  return new Set(
    suspensions
      .filter((suspension) => suspension.cluster === cluster)
      .map(({ bundle }) => bundle),
  );
}

function withSpec(
  bundle: AssignedBundle,
  change: Partial<BundleSpec>,
): AssignedBundle {
  const spec = { ...bundle.spec, ...change };
  return { ...bundle, spec, digest: bundleDigest(spec) };
}

/** What was issued to a cluster, with one bundle in it as its revision and people's suspensions want it now: without it, where only a suspension kept it. All others stay as they are. */
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
    const isKept = wanted === undefined && one.spec.removedIn !== undefined;
    if (isKept && !frozenNames(cluster, suspensions).has(bundle)) return [];
    return suspendBundles(cluster, [wanted ?? one], suspensions);
  });
}

/** What a cluster was issued, as Git alone had it by the target that it was made from: what cannot be built any more goes on from there. */
export function undecidedBundles(
  issued: readonly AssignedBundle[],
  target: Pick<CompiledTarget, "bundles"> | null,
): readonly AssignedBundle[] {
  return issued.flatMap((one) => {
    const { name, suspend, removedIn } = one.spec;
    if (removedIn !== undefined) return [];
    if (!suspend) return [one];
    const wanted = target?.bundles.find(({ spec }) => spec.name === name);
    return [wanted ?? one];
  });
}

/** A compiled target as a rollout looks at it, with what people froze in it, and in what was `issued` to its cluster last. */
export function targetOf(
  target: CompiledTarget,
  suspensions: readonly Frozen[],
  issued: readonly AssignedBundle[],
): Target {
  const { cluster, revision } = target;
  const isFree = suspensions.every((one) => one.cluster !== cluster);
  if (isFree) return asTarget(target);
  const bundles = decidedBundles(target, suspensions, issued);
  return asTarget({ bundles, revision, root: rootOf(bundles) });
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
