import { type DriftMode } from "@wheelhouse/assignment";
import { mayForce } from "@wheelhouse/drift";
import { type KubeObject } from "@wheelhouse/kube-object";
import { type ObjectPolicy } from "./flux-annotations.ts";
import { type FieldConflict } from "./kube-error.ts";

/** What decides whether conflicting fields may be taken (design D13, invariant S18). */
export interface TakeoverEvidence {
  readonly conflicts: readonly FieldConflict[];
  /** The bundle's `force`. */
  readonly force: boolean;
  readonly policy: ObjectPolicy;
  readonly driftMode: DriftMode;
  /** What we applied last to the object; undefined where we never did, or no longer know. */
  readonly lastApplied: KubeObject | undefined;
  /** Whether the object had no owner of ours, and the bundle permits adoption. */
  readonly mayAdopt: boolean;
}

/** Whether conflicting fields may be taken, and if not, why in words. */
export type Takeover =
  | { readonly kind: "take" }
  | { readonly kind: "hold"; readonly message: string };

/** Decides whether an apply may be forced over other managers' fields. */
export function decideTakeover(evidence: TakeoverEvidence): Takeover {
  const { conflicts, policy, lastApplied, driftMode: mode } = evidence;
  if (evidence.force || policy.ssa === "Override") return { kind: "take" };
  const decision = mayForce({ conflicts, lastApplied, mode });
  if (decision.ok) return { kind: "take" };
  const strangers = conflicts.filter(({ manager }) => !isPredecessor(manager));
  if (evidence.mayAdopt && conflicts.length > 0 && strangers.length === 0) {
    return { kind: "take" };
  }
  const { problem } = decision;
  return {
    kind: "hold",
    message: describeConflicts(
      problem.kind === "foreign" ? problem.fields : conflicts,
    ),
  };
}

/** Managers of the tools that a bundle may take objects over from (annotation `adopt`). */
export function isPredecessor(manager: string): boolean {
  return /^(kubectl(-.*)?|kustomize-controller|helm-controller|helm|flux(-.*)?|gotk-.*|before-first-apply)$/.test(
    manager,
  );
}

/** Conflicts in words: `kubectl-edit owns spec.replicas`. At most ten fields are named. */
export function describeConflicts(
  conflicts: readonly { readonly manager: string; readonly field: string }[],
): string {
  if (conflicts.length === 0) return "another manager owns fields of it";
  const byManager = new Map<string, string[]>();
  for (const { manager, field } of conflicts.slice(0, 10)) {
    const fields = byManager.get(manager) ?? [];
    byManager.set(manager, [...fields, field.replace(/^\./, "")]);
  }
  const named = [...byManager]
    .map(([manager, fields]) => `${manager} owns ${fields.join(", ")}`)
    .join("; ");
  const rest = conflicts.length - 10;
  return rest > 0 ? `${named} and ${rest} more fields` : named;
}
