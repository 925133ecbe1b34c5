import { type Revision } from "@wheelhouse/assignment";
import {
  type Places,
  admit,
  askFor,
  countPlaces,
  type UnknownReason,
  unknownBecause,
} from "./places.ts";
import { failuresAllowed } from "./budget.ts";
import { type Member, type WaveMembers, countsAsFailed } from "./membership.ts";
import { type Target } from "./rollout-input.ts";
import { isSameRevision } from "./revision-identity.ts";
import { type RolloutEffect, type RolloutReason } from "./rollout-step.ts";
import { type ClusterProgress, type RolloutState } from "./rollout-state.ts";
import { isConfirmed, isUnknown } from "./standing.ts";
import { isOpen } from "./wave-progress.ts";

/** What a cluster should be issued now. */
export interface Wanted {
  readonly target: Target;
  readonly revision: Revision;
}

/** The newest revision that was completed; null before the first. */
export function completedRevision(state: RolloutState): Revision | null {
  return isEveryWaveDone(state) ? state.revision : state.previous;
}

/** Whether the rollout's own revision is completed. */
export function isEveryWaveDone({ waves, clusters }: RolloutState): boolean {
  return (
    waves.every(({ completed }) => completed) &&
    Object.values(clusters).some(({ late }) => !late)
  );
}

/**
 * What a cluster should be issued at this moment, budgets aside: the
 * rollout's revision where its wave is open; the newest completed one where
 * it has nothing yet and its wave is not. Null for nothing new.
 */
export function wantedBy(
  state: RolloutState,
  view: WaveMembers,
  member: Member,
): Wanted | null {
  if (member.fact.suspended || state.phase === "Paused") return null;
  const wanted = wantedTarget(state, view, member);
  if (wanted === null) return null;
  return member.fact.newest?.root === wanted.target.root ? null : wanted;
}

function wantedTarget(
  state: RolloutState,
  view: WaveMembers,
  { fact, progress }: Member,
): Wanted | null {
  const { phase, revision, previous } = state;
  const isRunning = phase === "Progressing" || phase === "Completed";
  const isItsTurn =
    phase === "Completed" || (!progress.late && isOpen(state, view));
  if (isRunning && isItsTurn) {
    const isStopped = phase === "Completed" && hasTooManyFailures(state, view);
    if (fact.target === null || isStopped) return null;
    return { target: fact.target, revision };
  }
  const { completedTarget } = fact;
  const isNew = fact.newest === null && fact.acknowledged === null;
  if (!isNew || completedTarget === null || previous === null) return null;
  if (!isSameRevision(completedTarget.revision, previous)) return null;
  return { target: completedTarget, revision: previous };
}

/** After completion nobody is halted any more, but a wave in which late issues fail gets no further ones. */
function hasTooManyFailures(
  { spec }: RolloutState,
  { members, size, spec: wave }: WaveMembers,
): boolean {
  if (spec.onFailure === "continue") return false;
  const failed = members.filter(
    (m) => countsAsFailed(m) && !isConfirmed(m.fact, m.progress),
  );
  return failed.length > failuresAllowed(wave.maxFailures, size);
}

/** What the issues of one step come to. */
export interface Issues {
  readonly state: RolloutState;
  readonly effects: readonly RolloutEffect[];
  /** Why clusters that want something were not given it. */
  readonly refused: readonly RolloutReason[];
}

/** Issues to as many clusters as the budgets allow, wave by wave: those first that fill their place already, then by name. */
export function issueTargets(
  state: RolloutState,
  views: readonly WaveMembers[],
): Issues {
  const effects: RolloutEffect[] = [];
  const refused: RolloutReason[] = [];
  const asked: Record<string, ClusterProgress> = {};
  for (const view of views) {
    let places = countPlaces(view);
    for (const member of inOrder(view)) {
      const wanted = wantedBy(state, view, member);
      if (wanted === null) continue;
      const reason = unknownBecause(member);
      const after = reason === null ? admit(member, places) : null;
      if (after === null) {
        refused.push(refusal(view, member, reason, places));
        continue;
      }
      places = after;
      const { target, revision } = wanted;
      const isOwn = isSameRevision(revision, state.revision);
      asked[member.name] = askFor(member, target, revision, isOwn);
      effects.push({ kind: "issue", cluster: member.name, revision });
    }
  }
  const clusters = { ...state.clusters, ...asked };
  return { state: { ...state, clusters }, effects, refused };
}

function inOrder({ members }: WaveMembers): readonly Member[] {
  const counted = members.filter((m) => m.standing.unavailable);
  const others = members.filter((m) => !m.standing.unavailable);
  return [...counted, ...others];
}

const unknownMessages: Readonly<Record<UnknownReason, string>> = {
  Offline: "not heard of",
  LaterEpoch: "acknowledged a later epoch than this hub has",
  TooFarAhead: "says that it acknowledged what no hub can have issued",
  NumbersUsedUp: "has used up the numbers of this epoch",
  NotReported: "has not reported in this session",
};

function refusal(
  view: WaveMembers,
  member: Member,
  unknown: UnknownReason | null,
  places: Places,
): RolloutReason {
  const at = { wave: view.spec.name, cluster: member.name };
  if (unknown !== null) {
    return { ...at, reason: unknown, message: unknownMessages[unknown] };
  }
  const { inFlight, unavailable, maxConcurrency, maxUnavailable } = places;
  const isUnsure = isUnknown(member.fact, member.progress);
  const message =
    `${isUnsure ? "runs what the hub does not know; " : ""}` +
    `waits for a place: ${inFlight} of ${maxConcurrency} in flight, ` +
    `${unavailable} of ${maxUnavailable} unavailable`;
  return { ...at, reason: "OverBudget", message };
}
