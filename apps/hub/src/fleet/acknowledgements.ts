import { type Clock } from "@wheelhouse/clock";
import { compareVersions } from "@wheelhouse/assignment";
import {
  type ClusterRecord,
  type HubStore,
  type IssuedAssignment,
} from "@wheelhouse/hub-store";
import { objectKey } from "@wheelhouse/kube-object";
import {
  type ApprovalRests,
  type DeletionReport,
  judgeApprovals,
} from "@wheelhouse/rollout";
import { isoNow } from "../iso-now.ts";
import { type LiveSessions, type LiveSpoke } from "@wheelhouse/spoke-sessions";

/** Where acknowledgements come from and go. */
export interface AcknowledgementPorts {
  readonly store: HubStore;
  readonly live: LiveSessions;
  readonly clock: Clock;
}

/** Stores what spokes acknowledged, where that is news, and drops approved deletions that are spent. */
export class Acknowledgements {
  readonly #ports: AcknowledgementPorts;
  #rests: ApprovalRests = new Map();

  constructor(ports: AcknowledgementPorts) {
    this.#ports = ports;
  }

  async record(): Promise<void> {
    const records = await this.#ports.store.registry.list();
    for (const record of records) await this.#recordOne(record);
    await this.#dropSpentApprovals(records);
  }

  async #recordOne({
    uid,
    acknowledgedFloor: floor,
  }: ClusterRecord): Promise<void> {
    const { store, live, clock } = this.#ports;
    const mark = live.get(uid)?.acknowledged ?? null;
    if (mark === null) return;
    if (floor !== null && compareVersions(mark, floor) <= 0) return;
    await store.assignments.acknowledge(uid, mark, isoNow(clock));
    await store.registry.recordAcknowledgedFloor(uid, mark);
  }

  async #dropSpentApprovals(records: readonly ClusterRecord[]): Promise<void> {
    const { store, live, clock } = this.#ports;
    const approvals = await store.overrides.pruneApprovals();
    if (approvals.length === 0) return;
    const approved = new Set(approvals.map(({ cluster }) => cluster));
    const reports = new Map<string, DeletionReport>();
    for (const { name, uid } of records) {
      if (!approved.has(name)) continue;
      const newest = await store.assignments.newest(uid);
      const report = deletionReport(live.get(uid), newest);
      if (report !== null) reports.set(name, report);
    }
    const nowMs = clock.monotonicMs();
    const verdict = judgeApprovals(approvals, reports, this.#rests, nowMs);
    this.#rests = verdict.rests;
    if (verdict.spent.length === 0) return;
    await store.overrides.dropPruneApprovals(verdict.spent);
  }
}

function deletionReport(
  spoke: LiveSpoke | undefined,
  newest: IssuedAssignment | null,
): DeletionReport | null {
  if (spoke === undefined || newest === null || !spoke.hasReported) return null;
  const { session, assignment, bundles, pruneHolds } = spoke;
  if (session === null || assignment === null) return null;
  const { epoch, seq, root, allowDelete } = newest.envelope;
  return {
    ...{ cluster: spoke.cluster, session, assignment },
    bundles: newest.envelope.bundles.map(({ spec, digest }) => ({
      isIdle: spec.suspend || spec.held !== null,
      isApplied: bundles.get(spec.name)?.applied === digest,
    })),
    held: new Set(pruneHolds.map(({ object }) => objectKey(object))),
    issued: { epoch, seq, root, allowed: new Set(allowDelete.map(objectKey)) },
  };
}
