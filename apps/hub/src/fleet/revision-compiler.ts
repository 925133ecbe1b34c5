import {
  type AssignedBundle,
  type Digest,
  digestOfJson,
  rootOf,
} from "@wheelhouse/assignment";
import {
  type CompiledCluster,
  emptyLock,
  fleetSource,
  mergeProblems,
  targetBundles,
} from "@wheelhouse/compile";
import {
  type Cluster,
  type FleetObjects,
  type Problem,
  type SourceTree,
  defaultRollout,
  mergeClusters,
  parseFleet,
} from "@wheelhouse/fleet-model";
import { type GitRevision } from "@wheelhouse/git-source";
import {
  type RevisionProblem,
  type StoredRevision,
  type StoredTarget,
} from "@wheelhouse/hub-store";
import { type JsonObject } from "@wheelhouse/kube-object";
import { type RenderAll, compileClusters } from "@wheelhouse/render";

/** What a revision is compiled from. */
export interface RevisionSources {
  readonly tree: SourceTree;
  readonly git: GitRevision;
  /** Where the fleet repo lies, without credentials. */
  readonly address: string;
  readonly branch: string;
  /** Clusters known only to the API. */
  readonly registered: readonly Cluster[];
  /** What a cluster was issued last: what cannot be built stays at it. */
  readonly lastBundles: (cluster: string) => Promise<readonly AssignedBundle[]>;
  readonly render: RenderAll;
  /** RFC 3339. */
  readonly now: () => string;
}

/** A revision for every cluster, or why the fleet as a whole cannot be read. */
export type RevisionResult =
  | {
      readonly ok: true;
      readonly revision: StoredRevision;
      readonly targets: readonly StoredTarget[];
      readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The digest of the clusters that only the API knows. */
export function registeredDigest(registered: readonly Cluster[]): Digest {
  return digestOfJson(
    registered.map(({ name, labels }) => ({ name, labels }) as JsonObject),
  );
}

/** Compiles a revision for every cluster that it names and that is registered. */
export async function compileRevision(
  sources: RevisionSources,
): Promise<RevisionResult> {
  const { tree, registered, render } = sources;
  const parsed = parseFleet(tree, registered);
  if (!parsed.ok) return { ok: false, problems: parsed.problems };
  const clusters = mergeClusters(parsed.fleet.clusters, registered);
  const fleet: FleetObjects = { ...parsed.fleet, clusters };
  const resolveSource = fleetSource(sources);
  const compiled = await compileClusters({
    ...{ tree, fleet, clusters, resolveSource, render },
  });
  const targets: StoredTarget[] = [];
  const artifacts = new Map<Digest, Uint8Array>();
  for (const one of compiled) {
    targets.push(await targetOf(sources, one));
    if (!one.ok) continue;
    for (const { reference, bytes } of one.artifacts.values()) {
      artifacts.set(reference.digest, bytes);
    }
  }
  const revision = storedRevision(sources, fleet, [
    ...parsed.warnings.map((problem) => ({ ...problem, clusters: [] })),
    ...mergeProblems(compiled),
  ]);
  return { ok: true, revision, targets, artifacts };
}

async function targetOf(
  { lastBundles, git }: RevisionSources,
  compiled: CompiledCluster,
): Promise<StoredTarget> {
  const last = await lastBundles(compiled.cluster);
  const bundles = targetBundles(compiled, last);
  return {
    cluster: compiled.cluster,
    ok: compiled.ok,
    root: rootOf(bundles),
    revision: { commit: git.commit, lock: emptyLock },
    bundles,
  };
}

function storedRevision(
  { git, branch, registered, now }: RevisionSources,
  fleet: FleetObjects,
  problems: readonly RevisionProblem[],
): StoredRevision {
  return {
    revision: { commit: git.commit, lock: emptyLock },
    branch,
    subject: git.subject,
    author: git.author,
    committedAt: git.committedAt,
    compiledAt: now(),
    registered: registeredDigest(registered),
    rollout: fleet.rollouts[0] ?? defaultRollout(),
    clusters: fleet.clusters,
    problems,
  };
}
