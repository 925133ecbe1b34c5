import { type AssignmentVersion, type Revision } from "@wheelhouse/assignment";
import { type Cluster } from "@wheelhouse/fleet-model";
import {
  type ClusterRecord,
  type IssuedAssignment,
  type StoredTarget,
  type Suspension,
} from "@wheelhouse/hub-store";
import { type ClusterFact, type Target } from "@wheelhouse/rollout";
import { type LiveSpoke } from "./live-sessions.ts";
import { rolloutTarget, targetOf } from "./suspended-bundles.ts";

/** All that the facts about one cluster are made from. */
export interface FactSources {
  readonly record: ClusterRecord;
  /** As the revision of the targets has it. */
  readonly cluster: Cluster;
  readonly live: LiveSpoke | undefined;
  readonly issued: IssuedAssignment | null;
  readonly target: StoredTarget | null;
  readonly completedTarget: StoredTarget | null;
  readonly suspensions: readonly Suspension[];
  /** By the monotonic clock. */
  readonly nowMs: number;
}

/** What the hub knows of one cluster, as a rollout's step is told. */
export function computeClusterFact(sources: FactSources): ClusterFact {
  const { record, cluster, live, suspensions, nowMs } = sources;
  const { target, completedTarget, issued } = sources;
  const session = live?.session ?? null;
  const isLive = live !== undefined && session !== null;
  const asTarget = (stored: StoredTarget | null) =>
    stored?.ok === true ? targetOf(stored, suspensions) : null;
  const known = issuedOf(issued, live);
  return {
    name: record.name,
    labels: cluster.labels,
    joined: record.joinedAt !== null,
    suspended: cluster.suspend || isSuspended(record.name, suspensions),
    heardAgoMs: isLive ? Math.max(0, nowMs - live.heardMs) : null,
    acknowledged: isLive ? live.acknowledged : null,
    issued: known,
    issuedConfirmed: isStored(issued, known) && issued?.confirmedAt !== null,
    report: isLive ? reportOf(live, session) : null,
    target: asTarget(target),
    completedTarget: asTarget(completedTarget),
  };
}

/** Whether a person froze the whole cluster. */
export function isSuspended(
  cluster: string,
  suspensions: readonly Suspension[],
): boolean {
  return suspensions.some(
    (suspension) =>
      suspension.cluster === cluster && suspension.bundle === null,
  );
}

function isStored(
  issued: IssuedAssignment | null,
  known: AssignmentVersion | null,
): boolean {
  return (
    issued !== null &&
    known?.epoch === issued.envelope.epoch &&
    known.seq === issued.envelope.seq
  );
}

/** For bundles of which only a report is known: as the fleet format has it where nobody says otherwise. */
const unknownTimeoutMs = 5 * 60_000;

const unknownRevision = (revision: string): Revision => ({
  commit: revision,
  lock: `sha256:${"0".repeat(64)}`,
});

/** What was issued; for a hub that lost its store, what the spoke says that it acknowledged, with the bundles that it reports. */
function issuedOf(
  issued: IssuedAssignment | null,
  live: LiveSpoke | undefined,
): (AssignmentVersion & Target) | null {
  const stored =
    issued === null
      ? null
      : {
          epoch: issued.envelope.epoch,
          seq: issued.envelope.seq,
          ...rolloutTarget(issued.envelope),
        };
  const mark = live?.session ? live.acknowledged : null;
  if (live === undefined || mark === null || !live.hasReported) return stored;
  const isNewer =
    stored === null ||
    mark.epoch > stored.epoch ||
    (mark.epoch === stored.epoch && mark.seq > stored.seq);
  if (!isNewer) return stored;
  return {
    epoch: mark.epoch,
    seq: mark.seq,
    root: mark.root,
    revision: unknownRevision("unknown"),
    bundles: [...live.bundles.values()].map(({ bundle, digest }) => ({
      name: bundle,
      digest,
      dependsOn: [],
      timeoutMs: unknownTimeoutMs,
    })),
  };
}

function reportOf(live: LiveSpoke, session: string): ClusterFact["report"] {
  const { assignment, bundles, hasReported } = live;
  if (!hasReported || assignment === null) return null;
  return {
    ...assignment,
    session,
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
