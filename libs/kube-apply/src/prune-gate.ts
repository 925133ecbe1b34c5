import { compareObjectIds, formatObjectId } from "@wheelhouse/kube-object";
import { resourceVersionOf, uidOf } from "./live-content.ts";
import {
  checkAssignment,
  checkBundle,
  checkDesired,
  checkFrozen,
  checkInventory,
} from "./prune-assignment-rows.ts";
import {
  type JudgedCandidate,
  bundlesOverBudget,
  isNewlyOver,
  withinBudget,
} from "./prune-budget.ts";
import { type PruneCandidate, type PruneEvidence } from "./prune-evidence.ts";
import {
  checkAnnotations,
  checkLive,
  checkOrphan,
  checkProtection,
  checkSecondPass,
} from "./prune-object-rows.ts";
import { type PruneStep } from "./prune-step.ts";

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

function decideOne(
  candidate: PruneCandidate,
  evidence: PruneEvidence,
): PruneStep {
  return (
    checkDesired(candidate, evidence) ??
    checkAssignment(evidence) ??
    checkInventory(candidate, evidence) ??
    checkBundle(candidate, evidence) ??
    checkOrphan(candidate, evidence) ??
    checkLive(candidate, evidence) ??
    checkAnnotations(candidate) ??
    checkFrozen(candidate, evidence) ??
    checkSecondPass(candidate, evidence) ??
    checkProtection(candidate, evidence) ?? { kind: "delete", reason: "Pruned" }
  );
}

function toDecision(
  decided: readonly JudgedCandidate[],
): Omit<PruneDecision, "marks"> {
  const of = (kind: PruneStep["kind"]) =>
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
