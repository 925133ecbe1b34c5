import { applyCommand } from "./commands.ts";
import { type Stage, decide, observe } from "./decision.ts";
import { elapsedSince } from "./freshness.ts";
import { completedRevision } from "./issue.ts";
import { type Facts, knownClusters } from "./known-cluster.ts";
import { type RolloutCommand, type RolloutInput } from "./rollout-input.ts";
import { type RolloutState } from "./rollout-state.ts";
import { type RolloutStep } from "./rollout-step.ts";

/** The moment of a step: durations are taken from the monotonic clock alone. */
export interface StepTime {
  readonly monotonicMs: number;
  /** RFC 3339; nothing is decided by it. */
  readonly iso: string;
}

/**
 * One decision about a rollout, from all that is known to all that follows.
 * Level-based: given the same again, once its effects are stored, it has no
 * further ones. A person's command goes before everything else of its step.
 *
 * What the design leaves open is decided so. A return (`undo`, or
 * `onFailure: rollback`) opens all waves at once, within their budgets, and
 * asks for neither soak nor approval again; its failures still halt it. A
 * paused rollout is superseded only once it is resumed; a halted or aborted
 * one by the next commit. Budgets are per wave: what a superseded generation
 * left in flight fills a place in the wave that its cluster is in now. Soak
 * stands still also while a cluster that it watches is not Ready. A wave in
 * which nothing changes asks for neither approval nor soak. After completion
 * a wave in which more late issues fail than it bears gets no further ones.
 */
export function step(
  state: RolloutState | null,
  input: RolloutInput,
  now: StepTime,
): RolloutStep {
  const facts = knownClusters(input.clusters);
  const elapsedMs = elapsedSince(state?.steppedAtMs ?? null, now.monotonicMs);
  // Without targets there are no facts: nobody is gone for that.
  const observed =
    state === null || input.targetsAt === null
      ? state
      : observe(state, facts, elapsedMs);
  const commanded = command(observed, input, facts);
  const decided = decide(commanded, input, {
    ...{ facts, observed, elapsedMs },
  });
  const next = decided.state;
  return {
    state: next === null ? null : { ...next, steppedAtMs: now.monotonicMs },
    effects: [...commanded.effects, ...decided.effects],
    reasons: decided.reasons,
    refused: commanded.refused,
    wants: decided.wants,
    completed: next === null ? null : completedRevision(next),
  };
}

function command(
  state: RolloutState | null,
  input: RolloutInput,
  facts: Facts,
): Stage & { readonly refused: string | null } {
  if (input.command === null) return { state, effects: [], refused: null };
  if (state === null) {
    return { state, effects: [], refused: "there is no rollout yet" };
  }
  if (input.targetsAt === null && needsFacts(input.command)) {
    const refused = "the hub is between two commits; try again in a moment";
    return { state, effects: [], refused };
  }
  const result = applyCommand(state, input.command, input, facts);
  return result.ok
    ? { state: result.state, effects: result.effects, refused: null }
    : { state, effects: [], refused: result.refused };
}

/** A pause, its end and an abort are about the rollout alone. */
function needsFacts(command: RolloutCommand): boolean {
  switch (command.kind) {
    case "pause":
    case "abort":
      return false;
    case "resume":
      return command.revision !== undefined;
    case "approve":
    case "undo":
      return true;
  }
}
