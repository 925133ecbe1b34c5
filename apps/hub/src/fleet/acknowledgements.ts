import {
  type AssignmentVersion,
  compareVersions,
} from "@wheelhouse/assignment";
import { type ClusterRecord, type HubStore } from "@wheelhouse/hub-store";
import { objectKey } from "@wheelhouse/kube-object";
import { type HubClock, isoNow } from "../hub-clock.ts";
import { type LiveSessions, type LiveSpoke } from "./live-sessions.ts";

/** Where acknowledgements come from and go. */
export interface AcknowledgementPorts {
  readonly store: HubStore;
  readonly live: LiveSessions;
  readonly clock: HubClock;
}

/** Stores what spokes acknowledged, where that is news, and drops approved deletions that were carried out. */
export async function recordAcknowledgements(
  ports: AcknowledgementPorts,
): Promise<void> {
  for (const record of await ports.store.registry.list()) {
    const spoke = ports.live.get(record.uid);
    const mark = spoke?.acknowledged ?? null;
    if (spoke === undefined || mark === null) continue;
    await recordOne(ports, record, mark);
    await dropUsedApprovals(ports.store, record, spoke);
  }
}

async function recordOne(
  { store, clock }: AcknowledgementPorts,
  record: ClusterRecord,
  mark: AssignmentVersion,
): Promise<void> {
  const { acknowledgedFloor: floor, uid } = record;
  if (floor !== null && compareVersions(mark, floor) <= 0) return;
  await store.assignments.acknowledge(uid, mark, isoNow(clock));
  await store.registry.recordAcknowledgedFloor(uid, mark);
}

/** An approval is used up once the spoke reports on the assignment that carried it, and holds the object no more. */
async function dropUsedApprovals(
  store: HubStore,
  { name, uid }: ClusterRecord,
  spoke: LiveSpoke,
): Promise<void> {
  const approvals = (await store.overrides.pruneApprovals()).filter(
    ({ cluster }) => cluster === name,
  );
  if (approvals.length === 0 || !spoke.hasReported) return;
  const newest = await store.assignments.newest(uid);
  const isCurrent =
    newest !== null &&
    spoke.assignment?.epoch === newest.envelope.epoch &&
    spoke.assignment.seq === newest.envelope.seq;
  if (!isCurrent) return;
  const held = new Set(spoke.pruneHolds.map(({ object }) => objectKey(object)));
  const carried = new Set(newest.envelope.allowDelete.map(objectKey));
  await store.overrides.dropPruneApprovals(
    approvals.filter(({ key }) => carried.has(key) && !held.has(key)),
  );
}
