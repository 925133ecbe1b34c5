import { type BundleName } from "@wheelhouse/assignment";
import { compareObjectIds, formatObjectId } from "@wheelhouse/kube-object";
import { policyOf } from "./flux-annotations.ts";
import { isTerminating, resourceVersionOf, uidOf } from "./live-content.ts";
import { liveOwnerOf } from "./ownership-marks.ts";
import { isProtectedKind } from "./protected-kinds.ts";
import {
  type BundleEvidence,
  type PruneCandidate,
  type PruneEvidence,
} from "./prune-evidence.ts";

/** A decision about one candidate that leaves it where it is. */
export interface PruneVerdict {
  readonly candidate: PruneCandidate;
  /** PascalCase. */
  readonly reason: string;
  readonly message: string;
}

/** What is to be done about all candidates, each in exactly one list. */
export interface PruneDecision {
  readonly deletes: readonly {
    readonly candidate: PruneCandidate;
    readonly uid: string;
    readonly resourceVersion: string;
  }[];
  /** Gone, or another object by now: only the entry goes. */
  readonly forgets: readonly PruneVerdict[];
  /** The bundle left with Orphan: marks and entry go, the object stays. */
  readonly orphans: readonly PruneVerdict[];
  /** A person must decide. */
  readonly holds: readonly PruneVerdict[];
  /** Stays for now, or by its own annotation; nobody is asked. */
  readonly keeps: readonly PruneVerdict[];
  /** Beside those lists: what from now on is deleted only when named, and is not yet recorded so. To be durable before anything is deleted. */
  readonly marks: readonly PruneCandidate[];
}

/** A bundle may lose so many objects without being asked, or the share of its inventory if that is more. */
export const pruneBudget = { objects: 10, share: 0.2 } as const;

/** An adopted object is pruned without being named only after so long. */
export const adoptedProtectionMs = 24 * 60 * 60 * 1000;

type Step =
  | { readonly kind: "delete" | "forget" | "orphan"; readonly reason: string }
  | {
      readonly kind: "hold" | "keep";
      readonly reason: string;
      readonly message: string;
    };

/**
 * The prune gate: decides about every candidate, from evidence alone. An object
 * is deleted only if every row holds; absence, an error or a doubt never
 * deletes. What is decided here is carried out with uid and resourceVersion.
 */
export function decidePrune(
  candidates: readonly PruneCandidate[],
  evidence: PruneEvidence,
): PruneDecision {
  const sorted = [...candidates].sort((a, b) => compareObjectIds(a.id, b.id));
  const single = sorted.map((candidate) => ({
    candidate,
    step: decideOne(candidate, evidence),
  }));
  const overBudget = bundlesOverBudget(single, evidence);
  const decided = single.map(({ candidate, step }) => ({
    candidate,
    step: withinBudget(candidate, step, overBudget, evidence),
  }));
  return {
    ...toDecision(decided),
    marks: single
      .filter((one) => isNewlyOver(one, overBudget, evidence))
      .map(({ candidate }) => candidate),
  };
}

function decideOne(candidate: PruneCandidate, evidence: PruneEvidence): Step {
  return (
    checkDesired(candidate, evidence) ??
    checkAssignment(evidence) ??
    checkInventory(candidate, evidence) ??
    checkBundle(candidate, evidence) ??
    checkOrphan(candidate, evidence) ??
    checkLive(candidate, evidence) ??
    checkAnnotations(candidate) ??
    checkSecondPass(candidate, evidence) ??
    checkProtection(candidate, evidence) ?? { kind: "delete", reason: "Pruned" }
  );
}

/** Row 4: in the inventory, and desired by no bundle at all. */
function checkDesired(
  { key }: PruneCandidate,
  { desiredBy }: PruneEvidence,
): Step | undefined {
  const bundle = desiredBy(key);
  return bundle === undefined
    ? undefined
    : keep("StillDesired", `${bundle} has it`);
}

/** Rows 1 and 2: the assignment is sound, the newest, and wholly built. */
function checkAssignment({
  assignment,
  unsoundBundles,
}: PruneEvidence): Step | undefined {
  if (!assignment.isVerified) {
    return keep("NotVerified", "the assignment is not verified");
  }
  if (!assignment.isDelegationValid) {
    return hold("DelegationExpired", "the hub's delegation has expired");
  }
  if (!assignment.isNewest) {
    return keep("NotNewest", "a newer assignment is acknowledged");
  }
  const [unsound] = unsoundBundles;
  return unsound === undefined
    ? undefined
    : keep("NotAllBuilt", `${unsound} could not be built or read`);
}

/** Row 3: the inventory was read whole. */
function checkInventory(
  _candidate: PruneCandidate,
  { inventoryProblem }: PruneEvidence,
): Step | undefined {
  return inventoryProblem === undefined
    ? undefined
    : hold("InventoryUnknown", inventoryProblem);
}

/** Row 2 again, and what the bundle itself says about pruning. */
function checkBundle(
  { entry }: PruneCandidate,
  { bundles }: PruneEvidence,
): Step | undefined {
  const bundle = bundles.get(entry.bundle);
  if (bundle === undefined) {
    return hold("BundleUnknown", `nothing is recorded of ${entry.bundle}`);
  }
  if (!bundle.isAssigned) return checkLeaving(bundle);
  if (bundle.isSuspended) return keep("Suspended", "its bundle is suspended");
  if (!bundle.prune) return keep("PruneOff", "its bundle does not prune");
  return bundle.isApplied
    ? undefined
    : keep("ApplyFailed", "its bundle is not applied without error yet");
}

function checkLeaving(bundle: BundleEvidence): Step | undefined {
  return isOrphaned(bundle) || bundle.isApplied
    ? undefined
    : keep("ApplyFailed", "not every bundle is applied without error yet");
}

function isOrphaned(bundle: BundleEvidence): boolean {
  return (
    !bundle.isAssigned &&
    (bundle.deletionPolicy === "Orphan" ||
      (bundle.deletionPolicy === "MirrorPrune" && !bundle.prune))
  );
}

/** What an orphan loses are our marks, and only ours: an object that names another owner by now is let go as it is. */
function checkOrphan(
  { live, entry }: PruneCandidate,
  { bundles, fleet }: PruneEvidence,
): Step | undefined {
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
function checkLive(
  { live, entry, key }: PruneCandidate,
  { fleet, allowDelete }: PruneEvidence,
): Step | undefined {
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
function checkAnnotations({ live }: PruneCandidate): Step | undefined {
  if (live.kind !== "found") return undefined;
  const policy = policyOf(undefined, live.object);
  return policy.prune && policy.reconcile
    ? undefined
    : keep("PruneDisabled", "an annotation on it forbids pruning");
}

/** Row 10: after a start, a rejoin or a new epoch nothing is deleted at first sight. */
function checkSecondPass(
  { candidateSinceMs }: PruneCandidate,
  { monotonicMs, confirmation }: PruneEvidence,
): Step | undefined {
  const isEarly = candidateSinceMs < confirmation.untilMs;
  return isEarly && monotonicMs - candidateSinceMs < confirmation.afterMs
    ? keep("AwaitsSecondPass", "a second look confirms it first")
    : undefined;
}

/** Rows 7 and 8, and adoption (8.9). */
function checkProtection(
  candidate: PruneCandidate,
  evidence: PruneEvidence,
): Step | undefined {
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

/** On their way already, or sooner or later: several small passes must not add up to a large one. */
const countedReasons: ReadonlySet<string> = new Set([
  "Terminating",
  "AwaitsSecondPass",
  "Unreadable",
  "KindNotServed",
  "Adopted",
]);

/** What row 9 says of a bundle that loses too much. */
interface OverBudget {
  readonly step: Step;
  /** Whether it is so until its objects are named; false where only the bundle is empty. */
  readonly isLasting: boolean;
}

/** Row 9: which bundles would lose more than they may, or all. */
function bundlesOverBudget(
  single: readonly { candidate: PruneCandidate; step: Step }[],
  { bundles, allowDelete }: PruneEvidence,
): ReadonlyMap<BundleName, OverBudget> {
  const counts = new Map<BundleName, number>();
  const marked = new Set<BundleName>();
  for (const { candidate, step } of single) {
    if (!isCounted(step)) continue;
    const { bundle, isOverBudget } = candidate.entry;
    counts.set(bundle, (counts.get(bundle) ?? 0) + 1);
    // What is left of a set that was over the budget is not a smaller set.
    if (isOverBudget && !allowDelete.has(candidate.key)) marked.add(bundle);
  }
  const over = new Map<BundleName, OverBudget>();
  for (const [name, count] of counts) {
    const judged = judgeBudget(count, bundles.get(name), marked.has(name));
    if (judged !== undefined) over.set(name, judged);
  }
  return over;
}

function isCounted(step: Step): boolean {
  return step.kind === "delete" || countedReasons.has(step.reason);
}

function judgeBudget(
  count: number,
  bundle: BundleEvidence | undefined,
  wasOver: boolean,
): OverBudget | undefined {
  if (bundle === undefined) return undefined;
  const share = Math.floor(bundle.ownedObjects * pruneBudget.share);
  const budget = Math.max(pruneBudget.objects, share);
  const isLasting = wasOver || count > budget;
  if (bundle.isAssigned && bundle.desiredObjects === 0) {
    return {
      step: hold("EmptySource", "its bundle has become empty"),
      isLasting,
    };
  }
  if (!isLasting) return undefined;
  const allowed =
    count > budget
      ? `${budget} are allowed at once`
      : `what is left of more than ${budget}`;
  const step = bundle.isAssigned
    ? hold("OverBudget", `${count} deletions, ${allowed}`)
    : hold(
        "BundleRemoved",
        `its bundle is gone with ${count} objects, ${allowed}`,
      );
  return { step, isLasting };
}

function withinBudget(
  candidate: PruneCandidate,
  step: Step,
  overBudget: ReadonlyMap<BundleName, OverBudget>,
  { allowDelete }: PruneEvidence,
): Step {
  if (step.kind !== "delete" || allowDelete.has(candidate.key)) return step;
  return overBudget.get(candidate.entry.bundle)?.step ?? step;
}

/** Also what goes only later is of the set; what is on its way already is not held any more. */
function isNewlyOver(
  { candidate, step }: { candidate: PruneCandidate; step: Step },
  overBudget: ReadonlyMap<BundleName, OverBudget>,
  { allowDelete }: PruneEvidence,
): boolean {
  const { entry, key } = candidate;
  return (
    isCounted(step) &&
    step.reason !== "Terminating" &&
    entry.isOverBudget !== true &&
    !allowDelete.has(key) &&
    overBudget.get(entry.bundle)?.isLasting === true
  );
}

function toDecision(
  decided: readonly { candidate: PruneCandidate; step: Step }[],
): Omit<PruneDecision, "marks"> {
  const of = (kind: Step["kind"]) =>
    decided
      .filter(({ step }) => step.kind === kind)
      .map(({ candidate, step }) => ({
        candidate,
        reason: step.reason,
        message:
          "message" in step ? step.message : formatObjectId(candidate.id),
      }));
  return {
    forgets: of("forget"),
    orphans: of("orphan"),
    holds: of("hold"),
    keeps: of("keep"),
    deletes: decided.flatMap(({ candidate, step }) => {
      const { live } = candidate;
      const uid = live.kind === "found" ? uidOf(live.object) : undefined;
      if (step.kind !== "delete" || live.kind !== "found" || !uid) return [];
      const resourceVersion = resourceVersionOf(live.object);
      return [{ candidate, uid, resourceVersion }];
    }),
  };
}

function hold(reason: string, message: string): Step {
  return { kind: "hold", reason, message };
}

function keep(reason: string, message: string): Step {
  return { kind: "keep", reason, message };
}
