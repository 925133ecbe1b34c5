import { stageOf } from "./cluster-stage.ts";
import { type Facts } from "./known-cluster.ts";
import { findFailedWave } from "./failures.ts";
import { enrol, returnToPrevious } from "./generation.ts";
import { adoptHead, isHeadDue, unblock } from "./head.ts";
import { isEveryWaveDone, issueTargets } from "./issue.ts";
import {
  type WaveMembers,
  gatherWaves,
  hasArrived,
  progressOf,
} from "./membership.ts";
import { observeCluster } from "./observation.ts";
import { skipOffline } from "./offline.ts";
import { explain } from "./reasons.ts";
import { isSameRevision, shortRevision } from "./revision-identity.ts";
import { type RolloutInput } from "./rollout-input.ts";
import { type ClusterProgress, type RolloutState } from "./rollout-state.ts";
import {
  type RolloutEffect,
  type RolloutReason,
  type RolloutStep,
} from "./rollout-step.ts";
import { waveSpecOf } from "./wave-plan.ts";
import { advanceWaves } from "./wave-progress.ts";

/** What stands between two stages of a step. */
export interface Stage {
  readonly state: RolloutState | null;
  readonly effects: readonly RolloutEffect[];
}

/** Takes in all that the facts say: who joined and left, and how each cluster fares. */
export function observe(
  state: RolloutState,
  facts: Facts,
  elapsedMs: number,
): RolloutState {
  const enrolled = enrol(state, facts);
  const specs = enrolled.waves.map((_, wave) =>
    waveSpecOf(enrolled.spec, wave),
  );
  const moved: Record<string, ClusterProgress> = {};
  let hasMoved = false;
  for (const [name, fact] of facts) {
    const progress = progressOf(enrolled, name);
    const spec = progress === null ? undefined : specs[progress.wave];
    if (progress === null || spec === undefined) continue;
    const next = observeCluster(progress, fact, spec, elapsedMs);
    if (next === progress) continue;
    moved[name] = next;
    hasMoved = true;
  }
  if (!hasMoved) return enrolled;
  return { ...enrolled, clusters: { ...enrolled.clusters, ...moved } };
}

/** What has been looked at before a decision. */
export interface Seen {
  readonly facts: Facts;
  /** The state that took all of it in; one that a command or a commit changed since has to look again. */
  readonly observed: RolloutState | null;
  readonly elapsedMs: number;
}

/** What a decision comes to, before it is dated. */
export interface Decided extends Stage {
  readonly reasons: readonly RolloutReason[];
  readonly wants: RolloutStep["wants"];
}

/** Adopts the head, judges failures, moves waves and issues, in this order: nothing is issued past a failure, nor at another revision than the targets are of. */
export function decide(
  { state }: Stage,
  input: RolloutInput,
  { facts, observed, elapsedMs }: Seen,
): Decided {
  const { head, targetsAt } = input;
  const isDue = head !== null && isHeadDue(state, head);
  if (isDue && !isSameRevision(targetsAt, head.revision)) {
    return { state, effects: [], reasons: [], wants: head.revision };
  }
  const adopted: Stage = isDue
    ? adoptHead(state, head, facts)
    : state === null
      ? { state, effects: [] }
      : unblock(state, head);
  if (adopted.state === null) {
    return { state: null, effects: [], reasons: [], wants: null };
  }
  const started =
    adopted.state === observed || targetsAt === null
      ? adopted.state
      : observe(adopted.state, facts, 0);
  const confirmations = confirm(started, facts);
  const before = [...adopted.effects, ...confirmations];
  if (!isSameRevision(targetsAt, started.revision)) {
    const wants = started.revision;
    return { state: started, effects: before, reasons: [], wants };
  }
  const moved = move(started, input, facts, elapsedMs);
  return { ...moved, effects: [...before, ...moved.effects] };
}

/** Tells the hub which of the versions that it issued are confirmed, until it has stored that. */
function confirm(state: RolloutState, facts: Facts): RolloutEffect[] {
  const effects: RolloutEffect[] = [];
  for (const [cluster, fact] of facts) {
    const progress = progressOf(state, cluster);
    if (progress?.confirmed !== true || fact.issuedConfirmed) continue;
    const { version } = progress;
    const isIssued =
      version?.epoch === fact.issued?.epoch &&
      version?.seq === fact.issued?.seq;
    if (version !== null && isIssued) {
      effects.push({ kind: "confirm", cluster, version });
    }
  }
  return effects;
}

function move(
  state: RolloutState,
  input: RolloutInput,
  facts: Facts,
  elapsedMs: number,
): Decided {
  const judged = judge(state, facts);
  if (!isSameRevision(judged.state.revision, state.revision)) {
    const wants = judged.state.revision;
    return { ...judged, reasons: [], wants };
  }
  const advanced = advance(judged.state, input, facts, elapsedMs);
  const views = gatherWaves(advanced.state, facts);
  const issues =
    input.mayIssue === false
      ? { state: advanced.state, effects: [], refused: [] }
      : issueTargets(advanced.state, views);
  return {
    state: issues.state,
    effects: [...judged.effects, ...advanced.effects, ...issues.effects],
    reasons: explain(issues, gatherWaves(issues.state, facts), input),
    wants: issues.state.revision,
  };
}

interface Running {
  readonly state: RolloutState;
  readonly effects: readonly RolloutEffect[];
}

/** Halts or returns where more clusters of a wave fail than it bears. */
function judge(state: RolloutState, facts: Facts): Running {
  const { onFailure } = state.spec;
  if (state.phase !== "Progressing" || onFailure === "continue") {
    return { state, effects: [] };
  }
  const failed = findFailedWave(gatherWaves(state, facts));
  if (failed === null) return { state, effects: [] };
  const { message } = failed;
  // A return that fails is halted: only a person goes back any further.
  if (onFailure === "rollback" && !state.returning) {
    const returned = returnToPrevious(state, facts);
    if (returned !== null) {
      const rejected = shortRevision(state.revision);
      const note = `${message}; ${rejected} is rejected`;
      return {
        state: returned,
        effects: [{ kind: "note", reason: "RolledBack", message: note }],
      };
    }
  }
  return {
    state: { ...state, phase: "Halted", reason: message },
    effects: [{ kind: "note", reason: "RolloutHalted", message }],
  };
}

function advance(
  state: RolloutState,
  { clusters }: RolloutInput,
  facts: Facts,
  elapsedMs: number,
): Running {
  const hasClusters = Object.keys(state.clusters).length > 0;
  if (state.phase !== "Progressing" || !hasClusters) {
    return { state, effects: [] };
  }
  const advanced = advanceFully(state, facts, elapsedMs);
  if (!isEveryWaveDone(advanced.state)) return advanced;
  const message =
    `${shortRevision(state.revision)} is completed` +
    withoutWhom(gatherWaves(advanced.state, facts), clusters);
  return {
    state: { ...advanced.state, phase: "Completed", reason: "" },
    effects: [
      ...advanced.effects,
      { kind: "note", reason: "RolloutCompleted", message },
    ],
  };
}

/** At most so many clusters are named in a note. */
const maxNamed = 5;

/** Who has not taken a revision that is completed all the same, and why: let go by an offline policy, suspended, without a target, failed within bounds, or never joined. */
function withoutWhom(
  waves: readonly WaveMembers[],
  clusters: RolloutInput["clusters"],
): string {
  const waiting = waves
    .flatMap(({ members }) => members)
    .filter((m) => !m.progress.late && !hasArrived(m))
    .map((member) => `${member.name} (${stageOf(member)})`);
  const strangers = clusters
    .filter(({ joined }) => !joined)
    .map(({ name }) => `${name} (never joined)`);
  const absent = [...waiting, ...strangers];
  if (absent.length === 0) return "";
  const rest = absent.length - maxNamed;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return `; not taken yet by ${absent.slice(0, maxNamed).join(", ")}${more}`;
}

/** A wave that ends opens the next, which lets go of those that are offline, and may end by that: at most once for each wave. */
function advanceFully(
  state: RolloutState,
  facts: Facts,
  elapsedMs: number,
): Running {
  const effects: RolloutEffect[] = [];
  let moved = skipOffline(state, facts);
  for (let addedMs = elapsedMs; ; addedMs = 0) {
    const views = gatherWaves(moved, facts);
    const advanced = advanceWaves(moved, views, addedMs);
    effects.push(...advanced.effects);
    moved = skipOffline(advanced.state, facts);
    const isSettled = advanced.effects.length === 0 && moved === advanced.state;
    if (isSettled) return { state: moved, effects };
  }
}
