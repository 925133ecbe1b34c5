import { type Revision } from "@wheelhouse/assignment";
import { type StoredRevision, type StoredRollout } from "@wheelhouse/hub-store";
import {
  type RevisionView,
  type RolloutView,
  type WaveView,
} from "@wheelhouse/rest-api";
import {
  type ClusterFact,
  type RolloutReason,
  type WaveDescription,
  type WaveStage,
  describeRollout,
} from "@wheelhouse/rollout";

/** All that a rollout's view is made from. */
export interface RolloutSources {
  readonly stored: StoredRollout;
  readonly facts: readonly ClusterFact[];
  readonly reasons: readonly RolloutReason[];
  readonly revisions: ReadonlyMap<string, StoredRevision>;
}

/** A rollout as people see it. */
export function describeStoredRollout(sources: RolloutSources): RolloutView {
  const { stored, facts, reasons, revisions } = sources;
  const { state, startedAt, completedAt } = stored;
  const view = describeRollout(state, { clusters: facts }, reasons);
  return {
    name: view.name,
    phase: view.phase,
    reason: view.phase === "Progressing" ? "" : state.reason || view.reason,
    generation: view.generation,
    revision: describeRevision(view.revision, revisions),
    previous:
      view.previous === null
        ? null
        : describeRevision(view.previous, revisions),
    rejected: view.rejected.map(({ commit }) => commit),
    returning: view.returning,
    startedAt,
    completedAt,
    waves: view.waves.map(describeWave),
  };
}

/** A revision as people see it; one that is no longer stored has its commit only. */
export function describeRevision(
  { commit }: Revision,
  revisions: ReadonlyMap<string, StoredRevision>,
): RevisionView {
  const stored = revisions.get(commit);
  return {
    commit,
    branch: stored?.branch ?? "",
    subject: stored?.subject ?? "",
    author: stored?.author ?? "",
    committedAt: stored?.committedAt ?? "",
  };
}

const waveStates: Readonly<Record<WaveStage, WaveView["state"]>> = {
  waiting: "waiting",
  needsApproval: "waiting",
  progressing: "open",
  soaking: "soaking",
  completed: "completed",
};

function describeWave(wave: WaveDescription): WaveView {
  return {
    name: wave.name,
    state: waveStates[wave.stage],
    clusters: wave.clusters.map(({ name, stage, message }) => ({
      name,
      stage,
      message,
    })),
    notJoined: wave.notJoined,
    confirmed: wave.confirmed,
    total: wave.total,
    soakMs: wave.soakMs,
    soakedMs: Math.floor(wave.soakedMs),
    gate: wave.gate,
    needsApproval: wave.stage === "needsApproval",
    approvedBy: wave.approval?.actor ?? null,
  };
}
