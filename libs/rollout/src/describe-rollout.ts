import { type Digest, type Revision } from "@wheelhouse/assignment";
import { undoTarget } from "./generation.ts";
import { knownClusters } from "./known-cluster.ts";
import {
  type Member,
  type WaveMembers,
  isAtTarget,
  gatherWaves,
  hasArrived,
} from "./membership.ts";
import { type ClusterFact, type RolloutInput } from "./rollout-input.ts";
import {
  type Decision,
  type RolloutPhase,
  type RolloutState,
} from "./rollout-state.ts";
import { type RolloutReason } from "./rollout-step.ts";
import { type ClusterStage, stageOf } from "./cluster-stage.ts";
import { waveOf } from "./wave-plan.ts";
import { compareBytewise } from "@wheelhouse/kube-object";
import { isOpen, needsApproval, soakRequired } from "./wave-progress.ts";

/** One cluster of a rollout, for people. */
export interface ClusterDescription {
  readonly name: string;
  readonly stage: ClusterStage;
  /** What it has, or was issued last, whatever the rollout wants; null before the first. */
  readonly root: Digest | null;
  /** It joined after the waves were frozen. */
  readonly late: boolean;
  /** PascalCase and a sentence; empty where there is nothing to say. */
  readonly reason: string;
  readonly message: string;
}

/** Where a wave stands. */
export type WaveStage =
  "waiting" | "needsApproval" | "progressing" | "soaking" | "completed";

/** One wave of a rollout, for people. Each count is of `total`; one that is confirmed is also ready, applied and issued. */
export interface WaveDescription {
  readonly name: string;
  readonly stage: WaveStage;
  readonly total: number;
  readonly issued: number;
  readonly applied: number;
  readonly ready: number;
  /** Confirmed at the rollout's revision, or unchanged by it. */
  readonly confirmed: number;
  readonly failed: number;
  /** Skipped or suspended. */
  readonly skipped: number;
  readonly soakedMs: number;
  readonly soakMs: number;
  readonly approval: Decision | null;
  /** Why the gate behind this wave is shut and what opens it; empty once it is open. */
  readonly gate: string;
  readonly clusters: readonly ClusterDescription[];
  /** Clusters that it would select and that never joined: in no count, and waited for by nobody. Sorted. */
  readonly notJoined: readonly string[];
}

/** A rollout as the API, the terminal and the page show it. */
export interface RolloutDescription {
  readonly name: string;
  readonly generation: number;
  readonly revision: Revision;
  /** Where an undo goes back to. */
  readonly previous: Revision | null;
  readonly returning: boolean;
  readonly phase: RolloutPhase;
  /** Why the rollout as a whole does not move; empty where it does. */
  readonly reason: string;
  readonly waves: readonly WaveDescription[];
  readonly rejected: readonly Revision[];
}

/** Shapes a state, the facts of the step that made it, and that step's reasons for people. */
export function describeRollout(
  state: RolloutState,
  input: Pick<RolloutInput, "clusters">,
  reasons: readonly RolloutReason[],
): RolloutDescription {
  const facts = knownClusters(input.clusters);
  const { name, generation, revision, returning, phase } = state;
  const notJoined = input.clusters.filter(({ joined }) => !joined);
  const whole = reasons.filter(
    (r) => r.wave === undefined && r.cluster === undefined,
  );
  return {
    name,
    generation,
    revision,
    previous: undoTarget(state),
    returning,
    phase,
    reason: whole.map(({ message }) => message).join("; "),
    waves: gatherWaves(state, facts).map((view) =>
      describeWave(state, view, reasons, notJoined),
    ),
    rejected: state.rejected,
  };
}

function describeWave(
  state: RolloutState,
  view: WaveMembers,
  reasons: readonly RolloutReason[],
  notJoined: readonly ClusterFact[],
): WaveDescription {
  const own = reasons.filter(({ wave }) => wave === view.spec.name);
  const ofCluster = new Map(own.map((r) => [r.cluster, r]));
  const clusters = view.members.map((member) =>
    describeCluster(member, ofCluster.get(member.name)),
  );
  const count = (...stages: ClusterStage[]): number =>
    clusters.filter(({ stage }) => stages.includes(stage)).length;
  const confirmed = count("confirmed", "unchanged");
  const ready = confirmed + count("ready");
  const applied = ready + count("applied");
  const failed = count("failed");
  const wave = state.waves[view.index];
  return {
    name: view.spec.name,
    stage: waveStage(state, view),
    total: clusters.length,
    issued:
      applied + failed + count("issued", "acknowledged") + offlineIssued(view),
    applied,
    ready,
    confirmed,
    failed,
    skipped: count("skipped", "suspended"),
    soakedMs: wave?.soakedMs ?? 0,
    soakMs: soakRequired(state, view),
    approval: wave?.approval ?? null,
    gate: ofCluster.get(undefined)?.message ?? "",
    clusters,
    notJoined: notJoined
      .filter(({ labels }) => waveOf(state.spec, labels) === view.index)
      .map(({ name }) => name)
      .sort(compareBytewise),
  };
}

function offlineIssued({ members }: WaveMembers): number {
  return members.filter((m) => isAtTarget(m) && stageOf(m) === "offline")
    .length;
}

function waveStage(state: RolloutState, view: WaveMembers): WaveStage {
  const wave = state.waves[view.index];
  if (wave?.completed === true) {
    // Until all are done it gets what was completed before, and nothing waits for it.
    const isNext =
      state.phase === "Completed" && view.members.some(isCatchingUp);
    return isNext ? "progressing" : "completed";
  }
  const isTurn = state.waves
    .slice(0, view.index)
    .every(({ completed }) => completed);
  if (isTurn && needsApproval(state, view)) return "needsApproval";
  if (!isOpen(state, view)) return "waiting";
  return wave?.soaking === true ? "soaking" : "progressing";
}

/** Joined too late for its wave to wait for, and on its way to where the others are. */
function isCatchingUp(member: Member): boolean {
  const { progress, fact } = member;
  const isLetGo = progress.skipped || fact.suspended || fact.target === null;
  return (
    progress.late && !isLetGo && progress.failed === null && !hasArrived(member)
  );
}

function describeCluster(
  member: Member,
  reason: RolloutReason | undefined,
): ClusterDescription {
  return {
    name: member.name,
    stage: stageOf(member),
    root: member.fact.newest?.root ?? null,
    late: member.progress.late,
    reason: reason?.reason ?? "",
    message: reason?.message ?? "",
  };
}
