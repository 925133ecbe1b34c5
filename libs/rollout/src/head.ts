import { startGeneration } from "./generation.ts";
import { type Facts } from "./known-cluster.ts";
import { type RolloutInput } from "./rollout-input.ts";
import {
  isRejected,
  isSameRevision,
  shortRevision,
} from "./revision-identity.ts";
import { type RolloutEffect } from "./rollout-step.ts";
import { type RolloutState } from "./rollout-state.ts";

type Head = NonNullable<RolloutInput["head"]>;

/** Whether Git names something else than what is rolled out, that may start. A paused rollout is superseded only once it is resumed (S13). */
export function isHeadDue(state: RolloutState | null, head: Head): boolean {
  if (state === null) return true;
  return state.phase !== "Paused" && isHeadNew(state, head);
}

/** Whether Git names something else than what is rolled out, that nobody rejected. */
export function isHeadNew(state: RolloutState, head: Head): boolean {
  return (
    !isSameRevision(head.revision, state.revision) &&
    !isRejected(state.rejected, head.revision)
  );
}

/** Starts the generation of a head that is due, or the one that was blocked and now compiles. */
export function adoptHead(
  state: RolloutState | null,
  head: Head,
  facts: Facts,
): { state: RolloutState; effects: readonly RolloutEffect[] } {
  const { revision, spec } = head;
  const start = { revision, spec, returning: false };
  const started = startGeneration(state, start, facts);
  const problem = blockingProblem(head);
  const short = shortRevision(revision);
  if (problem !== null) {
    const note = { kind: "note", reason: "RolloutBlocked" } as const;
    return {
      state: { ...started, phase: "Blocked", reason: problem },
      effects: [{ ...note, message: `${short} does not start: ${problem}` }],
    };
  }
  const note = { kind: "note", reason: "RolloutStarted" } as const;
  return {
    state: started,
    effects: [{ ...note, message: `${short} starts` }],
  };
}

/** Lets a blocked rollout start once its revision compiles. */
export function unblock(
  state: RolloutState,
  head: Head | null,
): { state: RolloutState; effects: readonly RolloutEffect[] } {
  const isSame = isSameRevision(head?.revision ?? null, state.revision);
  if (state.phase !== "Blocked" || head === null || !isSame) {
    return { state, effects: [] };
  }
  const problem = blockingProblem(head);
  if (problem !== null) {
    return { state: { ...state, reason: problem }, effects: [] };
  }
  const message = `${shortRevision(state.revision)} compiles now, and starts`;
  return {
    state: { ...state, phase: "Progressing", reason: "" },
    effects: [{ kind: "note", reason: "RolloutStarted", message }],
  };
}

/** Why a head may not start; null where it may. */
function blockingProblem({ spec, newProblems }: Head): string | null {
  const [first] = newProblems;
  if (first === undefined || spec.compileErrors === "continue") return null;
  const rest = newProblems.length - 1;
  return rest === 0 ? first : `${first}; and ${rest} more`;
}
