import {
  type AssignedBundle,
  type BundleDependency,
  type BundleName,
} from "@wheelhouse/assignment";
import { type CelOutcome } from "@wheelhouse/status";
import { readyRuleOf } from "./bundle-expressions.ts";
import {
  type DependencyState,
  fluxObjectOf,
  isMet,
} from "./dependency-state.ts";
import { runWithin } from "./time-limit.ts";

/** How long one ready expression may take, in milliseconds. */
const readyLimitMs = 250;

/** Whether a bundle's digest may be applied the first time. */
export type DependencyVerdict =
  | { readonly kind: "met" }
  | {
      readonly kind: "waits";
      readonly reason: "DependencyNotReady" | "DependencyNotFound";
      readonly message: string;
    };

/**
 * Whether everything that a bundle depends on is Ready at this assignment: its
 * digest in this assignment was applied, and it is Ready now. As in Flux, one
 * that neither waits nor has health checks is Ready once it is applied; and a
 * `readyExpr` takes the place of all this, with a status of this assignment.
 */
export function checkDependencies(
  bundle: AssignedBundle,
  stateOf: (name: BundleName) => DependencyState | undefined,
): DependencyVerdict {
  for (const dependency of bundle.spec.dependsOn) {
    const state = stateOf(dependency.bundle);
    if (state === undefined) {
      return {
        kind: "waits",
        reason: "DependencyNotFound",
        message: `depends on ${dependency.bundle}, which does not exist in this cluster`,
      };
    }
    const self = stateOf(bundle.spec.name) ?? unapplied(bundle);
    const wait = waitFor(dependency, state, self);
    if (wait !== undefined) {
      return { kind: "waits", reason: "DependencyNotReady", message: wait };
    }
  }
  return { kind: "met" };
}

/** What is waited for, in words; undefined where nothing is. */
function waitFor(
  dependency: BundleDependency,
  dep: DependencyState,
  self: DependencyState,
): string | undefined {
  const name = dependency.bundle;
  const rules = readyRuleOf(dependency);
  if (rules === undefined) return isMet(dep) ? undefined : `waits for ${name}`;
  if (!rules.ok) return `waits for ${name}: readyExpr: ${rules.problem}`;
  const { rule } = rules;
  const sides = { self: fluxObjectOf(self), dep: fluxObjectOf(dep) };
  const outcomes: CelOutcome[] = [];
  runWithin(readyLimitMs, () => outcomes.push(rule(sides)));
  const [outcome = tooSlow] = outcomes;
  if (!outcome.ok) return `waits for ${name}: readyExpr: ${outcome.problem}`;
  return outcome.value ? undefined : `waits for ${name}, by its readyExpr`;
}

const tooSlow: CelOutcome = {
  ok: false,
  problem: `takes longer than ${readyLimitMs} ms`,
};

function unapplied(assigned: AssignedBundle): DependencyState {
  return { assigned, isApplied: false, isReady: false, areChecksReady: false };
}
