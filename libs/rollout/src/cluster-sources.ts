import {
  type AssignmentVersion,
  type Digest,
  type Envelope,
} from "@wheelhouse/assignment";
import { type Cluster } from "@wheelhouse/fleet-model";
import { type IssuedNumber, nextVersion } from "./assignment-numbers.ts";
import { type BundleFact, type ClusterFact } from "./rollout-input.ts";
import {
  type CompiledTarget,
  type Frozen,
  asTarget,
  targetOf,
} from "./suspended-bundles.ts";

/** A registered cluster, as the hub's registry has it. */
export interface RegisteredRecord {
  readonly name: string;
  /** The current incarnation's. */
  readonly uid: string;
  readonly phase: "Pending" | "Joined" | "Removed";
  /** RFC 3339; null before its first certificate. */
  readonly joinedAt: string | null;
  /** The highest version that its spoke ever said it acknowledged. */
  readonly acknowledgedFloor: AssignmentVersion | null;
  /** The highest issued under the name, by any incarnation; null where nothing was. */
  readonly issuedNumber: IssuedNumber | null;
}

/** An assignment as the hub stored it. */
export interface StoredIssue {
  readonly envelope: Envelope;
  /** RFC 3339; null until then. */
  readonly confirmedAt: string | null;
}

/** An assignment as a spoke names it. */
export interface NamedAssignment extends AssignmentVersion {
  readonly root: Digest;
}

/** What is heard of one incarnation. */
export interface HeardSpoke {
  /** The current session; null once it has ended. */
  readonly session: string | null;
  /** By the monotonic clock. */
  readonly heardMs: number;
  readonly acknowledged: NamedAssignment | null;
  /** Whether the current session has reported; `assignment` and `bundles` are older otherwise. */
  readonly hasReported: boolean;
  readonly assignment: NamedAssignment | null;
  readonly bundles: ReadonlyMap<
    string,
    Omit<BundleFact, "name"> & { readonly bundle: string }
  >;
}

/** All that the facts about a fleet are made from. What the store and the sessions have fits as it is. */
export interface ClusterSources {
  readonly records: readonly RegisteredRecord[];
  /** The clusters that the newest commit names, or the API: no other is in the fleet. */
  readonly named: readonly Cluster[];
  /** The same at the revision of the targets, for labels; where that does not name one, the newest commit's count. */
  readonly clusters: readonly Cluster[];
  readonly heard: (uid: string) => HeardSpoke | undefined;
  /** The newest of each incarnation, by uid. */
  readonly issued: ReadonlyMap<string, StoredIssue>;
  /** By cluster. */
  readonly targets: ReadonlyMap<string, CompiledTarget>;
  /** By cluster. */
  readonly completedTargets: ReadonlyMap<string, CompiledTarget>;
  readonly suspensions: readonly Frozen[];
  /** Under which this hub signs. */
  readonly epoch: number;
  /** By the monotonic clock. */
  readonly nowMs: number;
}

/** What the hub knows of every cluster in the fleet, as a step is told: nothing about one that Git and the API no longer name. */
export function computeClusterFacts(
  sources: ClusterSources,
): readonly ClusterFact[] {
  const named = new Map(sources.named.map((one) => [one.name, one]));
  const at = new Map(sources.clusters.map((one) => [one.name, one]));
  return sources.records.flatMap((record) => {
    const newest = named.get(record.name);
    if (newest === undefined || record.phase === "Removed") return [];
    return [factOf(record, at.get(record.name) ?? newest, sources)];
  });
}

function factOf(
  record: RegisteredRecord,
  cluster: Cluster,
  sources: ClusterSources,
): ClusterFact {
  const { name, uid, joinedAt } = record;
  const { suspensions, nowMs, epoch } = sources;
  const next = nextVersion({ epoch, ...record });
  const heard = sources.heard(uid);
  const session = heard?.session ?? null;
  const isLive = heard !== undefined && session !== null;
  const issued = sources.issued.get(uid) ?? null;
  const wanted = (target: CompiledTarget | undefined) =>
    target?.ok === true
      ? targetOf(target, suspensions, issued?.envelope.bundles ?? [])
      : null;
  return {
    name,
    labels: cluster.labels,
    joined: joinedAt !== null,
    suspended: cluster.suspend || isFrozen(name, suspensions),
    heardAgoMs: isLive ? Math.max(0, nowMs - heard.heardMs) : null,
    acknowledged: isLive ? heard.acknowledged : null,
    issued: issued === null ? null : issuedTarget(issued),
    issuedConfirmed: issued !== null && issued.confirmedAt !== null,
    ...(next.ok ? {} : { numberProblem: next.problem }),
    isOfEarlierEpoch: isOfEarlierEpoch(issued, epoch),
    report: isLive ? reportOf(heard, session) : null,
    target: wanted(sources.targets.get(name)),
    completedTarget: wanted(sources.completedTargets.get(name)),
  };
}

/** Under the first epoch nobody issued anything before this hub. */
function isOfEarlierEpoch(issued: StoredIssue | null, epoch: number): boolean {
  return (issued?.envelope.epoch ?? 1) < epoch;
}

/** Whether a person froze the whole cluster. */
function isFrozen(cluster: string, suspensions: readonly Frozen[]): boolean {
  return suspensions.some(
    (one) => one.cluster === cluster && one.bundle === null,
  );
}

function issuedTarget({ envelope }: StoredIssue): ClusterFact["issued"] {
  const { epoch, seq } = envelope;
  return { epoch, seq, ...asTarget(envelope) };
}

function reportOf(heard: HeardSpoke, session: string): ClusterFact["report"] {
  const { assignment, bundles, hasReported } = heard;
  if (!hasReported || assignment === null) return null;
  const { epoch, seq, root } = assignment;
  return {
    ...{ epoch, seq, root, session },
    bundles: [...bundles.values()].map((report) => ({
      name: report.bundle,
      digest: report.digest,
      applied: report.applied,
      ready: report.ready,
      failed: report.failed,
      message: report.message,
    })),
  };
}
