import { isFresh } from "./freshness.ts";
import { gateShortfall } from "./gate.ts";
import { idleBundles, isIdle } from "./idle-bundles.ts";
import { type Member, hasArrived, isAtTarget } from "./membership.ts";
import { unreadyBundles } from "./unready-bundles.ts";

/** How far one cluster has come, in the words of the five facts; or why it does not move. */
export type ClusterStage =
  | "waiting"
  | "issued"
  | "acknowledged"
  | "applied"
  | "ready"
  | "confirmed"
  | "failed"
  | "skipped"
  | "unchanged"
  | "offline"
  | "suspended"
  | "held";

/** How far a cluster has come. What is confirmed stays so, however old its report; what fails is said before what is missing. */
export function stageOf(member: Member): ClusterStage {
  const { fact, progress } = member;
  if (fact.target === null) return "held";
  if (progress.failed !== null && isAtTarget(member)) return "failed";
  if (hasArrived(member)) return progress.touched ? "confirmed" : "unchanged";
  if (fact.suspended) return "suspended";
  if (progress.skipped) return "skipped";
  if (!isFresh(fact)) return "offline";
  return isAtTarget(member) ? stageAtTarget(member) : "waiting";
}

function stageAtTarget({ fact, progress }: Member): ClusterStage {
  const { newest, acknowledged, report } = fact;
  if (gateShortfall(fact, progress.gated).length === 0) return "ready";
  if (newest?.seq !== acknowledged?.seq) return "issued";
  if (newest?.epoch !== acknowledged?.epoch) return "issued";
  const idle = idleBundles(newest);
  const reported = new Set(report?.bundles.map(({ name }) => name));
  const isApplied =
    report !== null &&
    report.seq === newest?.seq &&
    newest.bundles.every(
      ({ name }) => reported.has(name) || idle.get(name)?.own === true,
    ) &&
    report.bundles.every((b) => b.applied === b.digest || isIdle(b, idle));
  const isReady =
    isApplied && unreadyBundles(newest, report.bundles).length === 0;
  if (isReady) return "ready";
  return isApplied ? "applied" : "acknowledged";
}
