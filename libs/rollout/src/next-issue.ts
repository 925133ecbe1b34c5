import {
  type AllowedDeletion,
  type AssignedBundle,
  type AssignmentVersion,
  type BundleName,
  type Digest,
  type Envelope,
  type Revision,
  compareVersions,
  rootOf,
} from "@wheelhouse/assignment";
import {
  type CompiledTarget,
  type Frozen,
  decidedBundles,
  withDecision,
} from "./suspended-bundles.ts";

/** What an assignment of one cluster is made from, beside its number and its deletions. */
export interface IssueContent {
  readonly bundles: readonly AssignedBundle[];
  readonly revision: Revision;
}

/** A deletion that a person allowed in one cluster. */
export interface ApprovedDeletion {
  readonly cluster: string;
  /** The object's key. */
  readonly key: string;
  readonly object: AllowedDeletion;
}

/** The deletions that an assignment of this cluster allows: those approved for it, and for no other. */
export function deletionsFor(
  cluster: string,
  approvals: readonly ApprovedDeletion[],
): readonly AllowedDeletion[] {
  return approvals
    .filter((approval) => approval.cluster === cluster)
    .map(({ object }) => object);
}

/**
 * What carries out an issue of a step: the target with what people froze in
 * it, and in what the cluster was issued last; null where it is issued
 * already, or not there. A last issue without a root is not the newest that
 * the spoke has, such as after a restore: it is issued again.
 */
export function planIssue(
  target: CompiledTarget | null,
  suspensions: readonly Frozen[],
  last: {
    readonly bundles: readonly AssignedBundle[];
    readonly root: Digest | null;
  } | null,
): IssueContent | null {
  if (target === null) return null;
  const { revision } = target;
  const bundles = decidedBundles(target, suspensions, last?.bundles ?? []);
  return rootOf(bundles) === last?.root ? null : { bundles, revision };
}

/** What counts for the bundles that a cluster's next assignment releases. */
export interface ReleaseSources {
  readonly cluster: string;
  /** Those that it will have. */
  readonly bundles: readonly AssignedBundle[];
  readonly suspensions: readonly Frozen[];
  /** What this incarnation was issued last. */
  readonly last: Pick<
    Envelope,
    "bundles" | "released" | keyof AssignmentVersion
  > | null;
  /** The highest version that its spoke ever acknowledged. */
  readonly acknowledgedFloor: AssignmentVersion | null;
}

/**
 * The bundles that only a person's suspension kept, and that leave now that
 * it was taken back: what a spoke holds for its sake goes with them. Each is
 * named again until an assignment that names it was acknowledged.
 */
export function releasedBundles({
  cluster,
  bundles,
  suspensions,
  last,
  acknowledgedFloor: floor,
}: ReleaseSources): readonly BundleName[] {
  if (last === null) return [];
  const isHeard = floor !== null && compareVersions(floor, last) >= 0;
  const kept = last.bundles.filter((one) => one.spec.removedIn !== undefined);
  const names = new Set([
    ...kept.map(({ spec }) => spec.name),
    ...(isHeard ? [] : (last.released ?? [])),
  ]);
  for (const { spec } of bundles) names.delete(spec.name);
  for (const one of suspensions) {
    if (one.cluster === cluster && one.bundle !== null)
      names.delete(one.bundle);
  }
  return [...names];
}

/** What was issued to a cluster last. */
export interface LastIssue extends IssueContent {
  readonly cluster: string;
  readonly root: Digest;
}

/**
 * What a person's decision between two steps issues: with a bundle, what the
 * cluster has with that bundle as people decided, or null where that changes
 * nothing; without one, the same again, for the deletions that it allows.
 */
export function planReissue(
  last: LastIssue,
  bundle: string | null,
  target: CompiledTarget | null,
  suspensions: readonly Frozen[],
): IssueContent | null {
  const { bundles, revision, root } = last;
  if (bundle === null) return { bundles, revision };
  const decided = withDecision({ ...last, bundle }, target, suspensions);
  return rootOf(decided) === root ? null : { bundles: decided, revision };
}

/** A cluster as its replacement is decided by. */
export interface ReplacementFacts {
  /** It took another incarnation's place. */
  readonly isRepointed: boolean;
  readonly hasJoined: boolean;
  readonly isConnected: boolean;
  /** This incarnation was issued something. */
  readonly hasAssignment: boolean;
}

/**
 * What a cluster in another's place is issued outside waves (8.10): what its
 * name was last confirmed at, by whichever incarnation, once; null where
 * nothing is due.
 */
export function planReplacement(
  facts: ReplacementFacts,
  lastConfirmed: IssueContent | null,
): IssueContent | null {
  const { isRepointed, hasJoined, isConnected, hasAssignment } = facts;
  const isDue = isRepointed && hasJoined && isConnected && !hasAssignment;
  if (!isDue || lastConfirmed === null) return null;
  const { bundles, revision } = lastConfirmed;
  return { bundles, revision };
}
