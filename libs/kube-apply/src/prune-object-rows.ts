import { policyOf } from "./flux-annotations.ts";
import { isTerminating, uidOf } from "./live-content.ts";
import { liveOwnerOf } from "./ownership-marks.ts";
import { isProtectedKind } from "./protected-kinds.ts";
import { isOrphaned } from "./prune-assignment-rows.ts";
import { type PruneCandidate, type PruneEvidence } from "./prune-evidence.ts";
import { type PruneStep, hold, keep } from "./prune-step.ts";

/** An adopted object is pruned without being named only after so long. */
const adoptedProtectionMs = 24 * 60 * 60 * 1000;

/** What an orphan loses are our marks, and only ours: an object that names another owner by now is let go as it is. */
export function checkOrphan(
  { live, entry }: PruneCandidate,
  { bundles, fleet }: PruneEvidence,
): PruneStep | undefined {
  const bundle = bundles.get(entry.bundle);
  if (bundle === undefined || !isOrphaned(bundle)) return undefined;
  if (live.kind !== "found") return undefined;
  const isSame = entry.uid === null || uidOf(live.object) === entry.uid;
  const owner = liveOwnerOf(live.object, fleet);
  return isSame && owner.kind === "bundle" && owner.bundle === entry.bundle
    ? { kind: "orphan", reason: "Orphaned" }
    : { kind: "forget", reason: isSame ? "NotOwned" : "Replaced" };
}

/** Row 5: a live read shows our object, by uid and by owner. */
export function checkLive(
  { live, entry, key }: PruneCandidate,
  { fleet, allowDelete }: PruneEvidence,
): PruneStep | undefined {
  if (live.kind === "unreadable") return hold("Unreadable", live.message);
  if (live.kind === "unserved") {
    // A kind that nobody serves leaves nothing to delete: whoever names its object lets the entry go.
    return live.isDefinitionGone || allowDelete.has(key)
      ? { kind: "forget", reason: "KindGone" }
      : hold("KindNotServed", live.message);
  }
  if (live.kind === "absent") return { kind: "forget", reason: "Gone" };
  if (entry.uid === null) {
    return hold("UidUnknown", "its uid was never recorded");
  }
  if (uidOf(live.object) !== entry.uid) {
    return { kind: "forget", reason: "Replaced" };
  }
  const owner = liveOwnerOf(live.object, fleet);
  if (owner.kind !== "bundle" || owner.bundle !== entry.bundle) {
    // Somebody else's by now: naming it lets go of the entry, and never deletes it.
    return allowDelete.has(key)
      ? { kind: "forget", reason: "NotOwned" }
      : hold("NotOwned", `its owner mark does not name ${entry.bundle}`);
  }
  return isTerminating(live.object)
    ? keep("Terminating", "it is being deleted, and waits for its finalizers")
    : undefined;
}

/** The object's own word wins over everything. */
export function checkAnnotations({
  live,
}: PruneCandidate): PruneStep | undefined {
  if (live.kind !== "found") return undefined;
  const policy = policyOf(undefined, live.object);
  return policy.prune && policy.reconcile
    ? undefined
    : keep("PruneDisabled", "an annotation on it forbids pruning");
}

/** Row 10: after a start, a rejoin or a new epoch nothing is deleted at first sight. */
export function checkSecondPass(
  { candidateSinceMs }: PruneCandidate,
  { monotonicMs, confirmation }: PruneEvidence,
): PruneStep | undefined {
  const isEarly = candidateSinceMs < confirmation.untilMs;
  return isEarly && monotonicMs - candidateSinceMs < confirmation.afterMs
    ? keep("AwaitsSecondPass", "a second look confirms it first")
    : undefined;
}

/** Rows 7 and 8, and adoption (8.9). */
export function checkProtection(
  candidate: PruneCandidate,
  evidence: PruneEvidence,
): PruneStep | undefined {
  const { id, key, entry, live, contents } = candidate;
  const { allowDelete } = evidence;
  const isAllowed = allowDelete.has(key);
  if (live.kind === "found" && !isAllowed && isProtectedKind(id, live.object)) {
    return hold("ProtectedKind", `${id.kind} is deleted only when named`);
  }
  if (!isAllowed && isAdoptionFresh(candidate, evidence)) {
    return hold("Adopted", `it was adopted at ${entry.adopted}`);
  }
  if (contents.kind === "some") {
    return hold("NotEmpty", `it still holds ${contents.example}`);
  }
  return contents.kind === "unknown"
    ? hold("ContentsUnknown", `what it holds: ${contents.message}`)
    : undefined;
}

/**
 * Whether an object was adopted less than a day ago. One wall clock that was
 * set forward must not end the day early: the hub's, in the assignment, has to
 * agree, or else this process has to have counted a day by itself.
 */
function isAdoptionFresh(
  { entry, candidateSinceMs }: PruneCandidate,
  { nowMs, issuedAtMs, monotonicMs }: PruneEvidence,
): boolean {
  if (entry.adopted === null) return false;
  if (monotonicMs - candidateSinceMs >= adoptedProtectionMs) return false;
  const adoptedMs = Date.parse(entry.adopted);
  return Math.min(nowMs, issuedAtMs) - adoptedMs < adoptedProtectionMs;
}
