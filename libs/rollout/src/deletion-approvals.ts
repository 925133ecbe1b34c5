import { compareVersions } from "@wheelhouse/assignment";
import { type NamedAssignment } from "./cluster-sources.ts";
import { type ApprovedDeletion } from "./next-issue.ts";

/**
 * So long an approved deletion must not be held any more before the approval
 * ends. A spoke says what it holds, not what it has yet to do: an object that
 * waits for the second pass of the prune gate, a minute later, is not listed.
 */
export const approvalRestMs = 180_000;

/** What the current session of one cluster says of deletions. */
export interface DeletionReport {
  readonly cluster: string;
  /** A rest does not outlast the session in which it began. */
  readonly session: string;
  /** What the report is about. */
  readonly assignment: NamedAssignment;
  /** Those of the newest assignment: the prune gate gets to all of it only once each is applied, and none is suspended or held. */
  readonly bundles: readonly {
    readonly isIdle: boolean;
    readonly isApplied: boolean;
  }[];
  /** Keys of the objects whose deletion is held. */
  readonly held: ReadonlySet<string>;
  /** The newest that was issued, with the keys whose deletion it allows. */
  readonly issued: NamedAssignment & { readonly allowed: ReadonlySet<string> };
}

/** Since when approvals have been at rest, by cluster and key; in no store, since it starts anew with each session. */
export type ApprovalRests = ReadonlyMap<
  string,
  { readonly session: string; readonly sinceMs: number }
>;

/** What has become of approvals. */
export interface ApprovalVerdict {
  /** Used, or without an object: to be dropped, so that nothing later is deleted by them. */
  readonly spent: readonly ApprovedDeletion[];
  readonly rests: ApprovalRests;
}

/**
 * Judges approved deletions: one is kept for as long as its object is held,
 * and until the spoke has applied all of the assignment that carried it and
 * has not held the object for `approvalRestMs` of one session, by the
 * monotonic clock. Where nothing is heard, nothing ends.
 */
export function judgeApprovals(
  approvals: readonly ApprovedDeletion[],
  reports: ReadonlyMap<string, DeletionReport>,
  before: ApprovalRests,
  nowMs: number,
): ApprovalVerdict {
  const spent: ApprovedDeletion[] = [];
  const rests = new Map<string, { session: string; sinceMs: number }>();
  for (const approval of approvals) {
    const report = reports.get(approval.cluster);
    if (report === undefined || !isAtRest(approval, report)) continue;
    const key = `${approval.cluster} ${approval.key}`;
    const { session } = report;
    const known = before.get(key);
    const rest =
      known?.session === session ? known : { session, sinceMs: nowMs };
    if (nowMs - rest.sinceMs >= approvalRestMs) spent.push(approval);
    else rests.set(key, rest);
  }
  return { spent, rests };
}

function isAtRest(
  { key }: ApprovedDeletion,
  { assignment, issued, bundles, held }: DeletionReport,
): boolean {
  const isNewest =
    compareVersions(assignment, issued) === 0 &&
    assignment.root === issued.root;
  const isDone = bundles.every((b) => b.isApplied && !b.isIdle);
  return isNewest && isDone && issued.allowed.has(key) && !held.has(key);
}
