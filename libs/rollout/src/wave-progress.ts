import { gateShortfall } from "./gate.ts";
import {
  type Member,
  type WaveMembers,
  hasArrived,
  isDone,
  isSetAside,
} from "./membership.ts";
import { type RolloutEffect } from "./rollout-step.ts";
import { type RolloutState, type WaveState } from "./rollout-state.ts";
import { isAway } from "./standing.ts";
import { isUnordered } from "./wave-plan.ts";
import { formatDuration } from "./duration.ts";

/** Whether a wave has anything to do: an empty or unchanged one asks for neither approval nor soak. */
export function hasWork({ members }: WaveMembers): boolean {
  return members.some((m) => !isSetAside(m) && !hasArrived(m));
}

/** Whether a wave waits for a person before it starts. */
export function needsApproval(state: RolloutState, view: WaveMembers): boolean {
  return (
    !state.returning &&
    view.spec.approval === "manual" &&
    state.waves[view.index]?.approval === null &&
    hasWork(view)
  );
}

/** Whether clusters of a wave may move to the rollout's revision. */
export function isOpen(state: RolloutState, view: WaveMembers): boolean {
  const wave = state.waves[view.index];
  if (wave === undefined) return false;
  if (wave.completed || state.returning) return true;
  if (isUnordered(state.spec, view.index)) return true;
  const isFirst = state.waves
    .slice(0, view.index)
    .every(({ completed }) => completed);
  return isFirst && !needsApproval(state, view);
}

/** Those whose reports a soak looks at: what the rollout changed, but for those that the offline policy lets go. */
export function soakingMembers({
  members,
  spec,
}: WaveMembers): readonly Member[] {
  return members.filter(
    (m) =>
      m.progress.touched &&
      !isSetAside(m) &&
      hasArrived(m) &&
      (spec.offline === "wait" || !isAway(m.fact, m.progress)),
  );
}

/** What keeps a soak from counting: a cluster not heard of, or not Ready any more. */
export function soakObstacle(view: WaveMembers): string | null {
  for (const { name, fact, progress } of soakingMembers(view)) {
    const [shortfall] = gateShortfall(fact, progress.gated);
    if (shortfall !== undefined) return `${name}: ${shortfall}`;
  }
  return null;
}

/** How long a wave has to soak; 0 where nothing was changed in it, or where the rollout returns. */
export function soakRequired(state: RolloutState, view: WaveMembers): number {
  if (state.returning || !view.members.some((m) => m.progress.touched)) {
    return 0;
  }
  return view.spec.soakMs;
}

/** Moves the waves on: soaks, ends them in order, and completes the rollout after the last. */
export function advanceWaves(
  state: RolloutState,
  views: readonly WaveMembers[],
  elapsedMs: number,
): { state: RolloutState; effects: readonly RolloutEffect[] } {
  const effects: RolloutEffect[] = [];
  let moved = state;
  for (const view of views) {
    const wave = moved.waves[view.index];
    if (wave === undefined || wave.completed || !isOpen(moved, view)) continue;
    const next = advanceWave(moved, wave, view, elapsedMs);
    if (next.completed) effects.push(noteWave(view, next));
    moved = {
      ...moved,
      waves: moved.waves.map((w) => (w === wave ? next : w)),
    };
  }
  return { state: moved, effects };
}

function advanceWave(
  state: RolloutState,
  wave: WaveState,
  view: WaveMembers,
  elapsedMs: number,
): WaveState {
  if (!view.members.every((m) => isDone(m, view.spec))) {
    return wave.soaking ? { ...wave, soaking: false } : wave;
  }
  const requiredMs = soakRequired(state, view);
  const soaking = requiredMs > 0 && soakObstacle(view) === null;
  const soakedMs = wave.soakedMs + (soaking && wave.soaking ? elapsedMs : 0);
  const completed = soakedMs >= requiredMs;
  return { ...wave, soakedMs, soaking: soaking && !completed, completed };
}

function noteWave({ spec, size }: WaveMembers, wave: WaveState): RolloutEffect {
  const soaked =
    wave.soakedMs > 0 ? `, soaked ${formatDuration(wave.soakedMs)}` : "";
  return {
    kind: "note",
    reason: "WaveCompleted",
    message: `wave ${spec.name}: ${size} clusters done${soaked}`,
  };
}
