import { type AssignedBundle, differingBundles } from "@wheelhouse/assignment";
import { type Cluster, leftFleetAdvice } from "@wheelhouse/fleet-model";
import {
  type ClusterRecord,
  type IssuedAssignment,
  type Suspension,
} from "@wheelhouse/hub-store";
import { type ObjectId, objectKey } from "@wheelhouse/kube-object";
import { type BundleReport } from "@wheelhouse/protocol";
import {
  type AssignmentView,
  type BundleView,
  type ClusterView,
  type ObjectView,
  type RepointView,
} from "@wheelhouse/rest-api";
import { type ClusterFact, computeAssignmentFacts } from "@wheelhouse/rollout";
import { type SessionView } from "@wheelhouse/spoke-sessions";
import {
  type ContactSources,
  type JudgedVerdict,
  type VerdictBasis,
  computeBundleVerdict,
  computeStandingVerdict,
  computeVerdictBasis,
  joinAgeMs,
  worstVerdict,
} from "@wheelhouse/status";
import { type LiveSpoke } from "@wheelhouse/spoke-sessions";
import {
  type SilenceTimes,
  bundleBeginning,
  clusterBeginning,
  silenceTimes,
} from "./verdict-beginning.ts";

/** All that a cluster's view is made from. */
export interface ClusterSources {
  readonly record: ClusterRecord;
  /** As the newest commit has it, or the API; undefined where Git no longer names it. */
  readonly cluster: Cluster | undefined;
  /** Whether Git named it and does not any more. */
  readonly hasLeft: boolean;
  readonly live: LiveSpoke | undefined;
  readonly session: SessionView | undefined;
  readonly issued: IssuedAssignment | null;
  /** The newest that was confirmed under its name, by any incarnation. */
  readonly confirmed: IssuedAssignment | null;
  readonly fact: ClusterFact | undefined;
  /** Why nothing could be issued to it in its former's place. */
  readonly waitsFor: string | undefined;
  readonly wave: string;
  readonly suspensions: readonly Suspension[];
  /** The wall's time; and the monotonic one that the wall's stands for. */
  readonly nowMs: number;
  readonly monotonicMs: number;
  /** When this hub started, by the monotonic clock: before that it heard nobody. */
  readonly startedMs: number;
}

/** One cluster as people see it. */
export function describeCluster(sources: ClusterSources): ClusterView {
  const { record, cluster, live, issued, confirmed } = sources;
  const contact = contactOf(sources);
  const basis = computeVerdictBasis(contact);
  const silence = silenceTimes(contact, sources.nowMs);
  const bundles = bundlesOf(sources, { basis, silence });
  const { verdict, root, ageMs } = judge(sources, bundles, basis);
  return {
    name: record.name,
    uid: record.uid,
    phase: sources.hasLeft ? "Left" : record.phase,
    labels: cluster?.labels ?? record.labels,
    source: record.source,
    suspended: isClusterSuspended(sources),
    verdict,
    since: sinceOf(sources, { bundles, silence, verdict }),
    reportedRoot: root,
    reportedAt: ageMs === null ? null : iso(sources.nowMs - ageMs),
    message: messageOf(sources, bundles, verdict),
    wave: sources.wave,
    assignment: issued === null ? null : assignmentOf(issued, sources.fact),
    confirmedRoot: confirmed?.envelope.root ?? null,
    confirmedCommit: confirmed?.envelope.revision.commit ?? null,
    spoke: {
      connected: Boolean(live?.session),
      lastHeard:
        live === undefined
          ? null
          : iso(sources.nowMs - (sources.monotonicMs - live.heardMs)),
      version: live?.hello.spokeVersion ?? "",
      kubeVersion: live?.hello.capabilities.kubeVersion ?? "",
      certificateNotAfter: record.certificateNotAfter,
      suspectedClone: sources.session?.suspectedClone ?? false,
    },
    bundles,
    driftCount: sources.hasLeft ? 0 : driftedObjects(live),
    pruneHolds: sources.hasLeft ? 0 : (live?.pruneHolds.length ?? 0),
    repoint: repointOf(sources),
  };
}

type DriftRecord = LiveSpoke["drift"][number];

function openDrift(live: LiveSpoke | undefined): readonly DriftRecord[] {
  return live?.drift.filter(({ state }) => state !== "healed") ?? [];
}

function driftedObjects(live: LiveSpoke | undefined): number {
  return new Set(openDrift(live).map(({ object }) => objectKey(object))).size;
}

function judge(
  sources: ClusterSources,
  bundles: readonly BundleView[],
  basis: VerdictBasis,
): JudgedVerdict {
  return computeStandingVerdict(
    {
      hasLeft: sources.hasLeft,
      hasJoined: sources.record.phase === "Joined",
      isSuspended: isClusterSuspended(sources),
    },
    basis,
    bundles.map((bundle) => bundle.verdict),
  );
}

function sinceOf(
  sources: ClusterSources,
  {
    bundles,
    silence,
    verdict,
  }: Pick<ClusterView, "bundles" | "verdict"> & {
    readonly silence: SilenceTimes;
  },
): string {
  const { record, issued, hasLeft, nowMs } = sources;
  const grounds = {
    ...{ ...record, hasLeft, bundles, silence },
    hasJoined: record.phase === "Joined",
    suspendedAt: suspendedAt(sources, null) ?? record.suspendedAt,
    issuedAt: issued?.envelope.issuedAt ?? null,
  };
  return iso(clusterBeginning(verdict, grounds, nowMs));
}

/** When a person suspended a cluster, or with a name that bundle of it. */
function suspendedAt(
  { record, suspensions }: ClusterSources,
  bundle: string | null,
): string | undefined {
  return suspensions.find(
    (one) => one.cluster === record.name && one.bundle === bundle,
  )?.at;
}

/** RFC 3339 from milliseconds. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** An object as people name it. */
export function describeObject(id: ObjectId): ObjectView {
  const { group, kind, namespace, name } = id;
  return { group, kind, namespace, name };
}

function contactOf(sources: ClusterSources): ContactSources {
  const { record, live, nowMs, monotonicMs, startedMs } = sources;
  const { joinedAt } = record;
  return {
    heard: live && {
      ...live,
      isOpen: live.session !== null,
      root: live.assignment?.root ?? null,
    },
    joinedAgoMs: joinedAt === null ? null : nowMs - Date.parse(joinedAt),
    startedMs,
    nowMs: monotonicMs,
  };
}

function isClusterSuspended(sources: ClusterSources): boolean {
  return resumesBy(sources) !== null;
}

/** What resumes a suspended cluster; null for one that is not. */
function resumesBy(sources: ClusterSources): string | null {
  const { record, cluster } = sources;
  if (suspendedAt(sources, null) !== undefined)
    return `wheelhouse resume ${record.name}`;
  return cluster?.suspend === true
    ? `remove spec.suspend from ${cluster.location?.file ?? "its Cluster object"}`
    : null;
}

/** What was issued, with what is reported of it; before the first issue nothing, and nothing of one that left: nobody tells how it stands. */
function bundlesOf(
  sources: ClusterSources,
  standing: Standing,
): readonly BundleView[] {
  const { issued, hasLeft, live } = sources;
  if (hasLeft || issued === null) return [];
  const drift = new Map<string, DriftRecord[]>();
  for (const record of openDrift(live)) {
    const before = drift.get(record.bundle);
    if (before === undefined) drift.set(record.bundle, [record]);
    else before.push(record);
  }
  return issued.envelope.bundles.map((bundle) =>
    bundleOf(bundle, issued, sources, {
      ...standing,
      drift: drift.get(bundle.spec.name) ?? [],
    }),
  );
}

/** What of a cluster's contact counts for each of its bundles. */
interface Standing {
  readonly basis: VerdictBasis;
  readonly silence: SilenceTimes;
}

function bundleOf(
  { spec, digest, revision }: AssignedBundle,
  issued: IssuedAssignment,
  sources: ClusterSources,
  {
    basis,
    silence,
    drift,
  }: Standing & { readonly drift: readonly DriftRecord[] },
): BundleView {
  const { record, live, nowMs, fact } = sources;
  const report: BundleReport | undefined = live?.bundles.get(spec.name);
  const held = spec.held ?? report?.held ?? null;
  const isCurrent = report?.digest === digest;
  const { verdict } = computeBundleVerdict(
    basis,
    report === undefined
      ? null
      : {
          held: held !== null || spec.suspend,
          failed: report.failed && isCurrent,
          drifted: report.drifted,
          driftMode: spec.drift.mode,
          ready: report.ready && isCurrent,
        },
  );
  const grounds = {
    ...{ silence, report, isCurrent, drift },
    suspendedAt: suspendedAt(sources, spec.name),
    issuedAt: issued.envelope.issuedAt,
  };
  const message =
    held === null
      ? (report?.message ?? "waits for its first report")
      : `${held.reason}: ${held.message}`;
  const resume = `wheelhouse resume ${record.name}/${shortName(spec.name)}`;
  const suspended =
    spec.removedIn === undefined
      ? `suspended: ${resume}`
      : `suspended, and removed from Git at ${spec.removedIn.slice(0, 8)}; to let its objects be deleted: ${resume}`;
  return {
    bundle: spec.name,
    verdict,
    since: iso(bundleBeginning(verdict, grounds, nowMs)),
    message:
      verdict === "Converged"
        ? ""
        : verdict === "Held" && held === null
          ? suspended
          : message,
    digest,
    applied: report?.applied ?? null,
    commit:
      issued.envelope.revision.commit === revision.commit
        ? currentCommit(issued, fact)
        : revision.commit,
    objects: report?.objects ?? {
      total: spec.artifact?.objects ?? 0,
      ready: 0,
    },
    dependsOn: spec.dependsOn.map((dependency) => dependency.bundle),
    suspended: spec.suspend,
    ...(spec.removedIn === undefined ? {} : { removedIn: spec.removedIn }),
    notReady: (report?.notes ?? []).map((note) => ({
      object: describeObject(note.object),
      status: note.status,
      message: note.message,
    })),
  };
}

function messageOf(
  sources: ClusterSources,
  bundles: readonly BundleView[],
  verdict: ClusterView["verdict"],
): string {
  const { record, live, issued, hasLeft } = sources;
  if (hasLeft) {
    return `left the fleet: Git names it no longer; its workloads stay. ${leftFleetAdvice(record.name)}`;
  }
  if (record.phase === "Pending") {
    return record.repoint === null
      ? `never joined: wheelhouse cluster add ${record.name}`
      : "waits for its new spoke to join";
  }
  const resume = resumesBy(sources);
  const suspended = resume === null ? [] : [`suspended: ${resume}`];
  const besides = (words: string) => [...suspended, words].join("; ");
  if (live?.refused) {
    const { refused: at, reason, message } = live.refused;
    return besides(`refused ${at.epoch}/${at.seq}: ${reason}: ${message}`);
  }
  if (live === undefined) {
    return besides(
      joinAgeMs(contactOf(sources)) === null
        ? "not heard of since the hub started"
        : "has joined; its first session has not begun yet",
    );
  }
  if (live.session === null) {
    return besides("its session has ended; it dials again");
  }
  if (issued === null && resume === null) {
    const why = sources.waitsFor === undefined ? "" : `: ${sources.waitsFor}`;
    return `connected; waits for its first assignment${why}`;
  }
  const cause = causeOf(bundles, resume === null ? verdict : null);
  return [...suspended, ...cause].join("; ");
}

/** The first bundle of the cluster's own verdict; for a suspended cluster, whose verdict is no bundle's, the first of the worst. */
function causeOf(
  bundles: readonly BundleView[],
  verdict: ClusterView["verdict"] | null,
): readonly string[] {
  const sought = verdict ?? worstVerdict(bundles.map((one) => one.verdict));
  if (sought === "Converged") return [];
  const cause = bundles.find(
    (bundle) => bundle.verdict === sought && bundle.message !== "",
  );
  return cause === undefined
    ? []
    : [`${shortName(cause.bundle)}: ${cause.message}`];
}

function shortName(bundle: string): string {
  return bundle.slice(bundle.lastIndexOf("/") + 1);
}

function assignmentOf(
  issued: IssuedAssignment,
  fact: ClusterFact | undefined,
): AssignmentView {
  const { epoch, seq, root, issuedAt } = issued.envelope;
  return {
    ...{ epoch, seq, root, commit: currentCommit(issued, fact), issuedAt },
    ...computeAssignmentFacts(issued, fact?.report ?? null),
  };
}

/** The commit whose root an assignment has: what its own was followed by may change nothing in this cluster, and is issued to nobody then. */
function currentCommit(
  { envelope }: IssuedAssignment,
  fact: ClusterFact | undefined,
): string {
  const target = fact?.target ?? null;
  return target?.root === envelope.root
    ? target.revision.commit
    : envelope.revision.commit;
}

/** The proof: before the new one is confirmed by what it was issued, and from then on, for good, by what it was confirmed at. */
function repointOf({
  record,
  issued,
  confirmed,
}: ClusterSources): RepointView | null {
  if (record.repoint === null) return null;
  const { readyRoot, readyDiffering, ...repoint } = record.repoint;
  const { startedAt, formerUid, formerRoot, readyAt } = repoint;
  const root = readyRoot ?? issued?.envelope.root ?? null;
  // Until the new one is confirmed, what the name was last confirmed at is the former's.
  const differing =
    readyRoot !== null
      ? readyDiffering
      : differingBundles(
          confirmed?.envelope.bundles ?? [],
          issued?.envelope.bundles ?? [],
        );
  return {
    ...{ startedAt, formerUid, formerRoot, root, readyAt },
    sameRoot: root !== null && root === formerRoot,
    differing: root === null ? [] : differing,
  };
}
