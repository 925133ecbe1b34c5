import { formatDuration } from "./duration.ts";
import { isFresh } from "./freshness.ts";
import { gateShortfall } from "./gate.ts";
import { undoTarget } from "./generation.ts";
import { isHeadNew } from "./head.ts";
import { idleBundles, shortName } from "./idle-bundles.ts";
import { type Issues } from "./issue.ts";
import {
  type Member,
  type WaveMembers,
  hasArrived,
  isAtTarget,
  isDone,
  progressOf,
} from "./membership.ts";
import { type RolloutInput } from "./rollout-input.ts";
import { type RolloutState } from "./rollout-state.ts";
import { type RolloutReason } from "./rollout-step.ts";
import { isRejected, shortRevision } from "./revision-identity.ts";
import { isUnordered } from "./wave-plan.ts";
import {
  hasWork,
  isOpen,
  needsApproval,
  soakObstacle,
  soakRequired,
} from "./wave-progress.ts";

/** Why the rollout, each wave and each cluster that has not arrived is where it is, in order of waves and names. */
export function explain(
  { state, refused }: Issues,
  views: readonly WaveMembers[],
  input: RolloutInput,
): readonly RolloutReason[] {
  const refusals = new Map(refused.map((r) => [r.cluster, r]));
  return [
    ...rolloutReasons(state, input),
    ...views.flatMap((view) => [
      ...waveReasons(state, view),
      ...view.members.flatMap((member) => {
        const refusal = refusals.get(member.name);
        const reason = clusterReason(state, view, member, refusal);
        return reason === null ? [] : [reason];
      }),
    ]),
    ...outsideReasons(state, input),
  ];
}

/** Clusters that are in no wave. */
function outsideReasons(
  state: RolloutState,
  { clusters }: RolloutInput,
): readonly RolloutReason[] {
  return clusters.flatMap(({ name: cluster, joined }) => {
    if (!joined) {
      const message = "has not joined yet: in no wave, and no wave waits";
      return [{ cluster, reason: "NotJoined", message }];
    }
    if (progressOf(state, cluster) !== null) return [];
    const message = "no wave selects it, and clustersNotMatched is never";
    return [{ cluster, reason: "NoWave", message }];
  });
}

function rolloutReasons(
  state: RolloutState,
  { head }: RolloutInput,
): readonly RolloutReason[] {
  const reasons: RolloutReason[] = [];
  if (state.reason !== "") {
    const message = `${state.reason}${whatEnds(state)}`;
    reasons.push({ reason: state.phase, message });
  }
  if (Object.keys(state.clusters).length === 0) {
    reasons.push({
      reason: "NoClusters",
      message: "no cluster has joined yet",
    });
  }
  if (head === null) return reasons;
  const short = shortRevision(head.revision);
  if (isRejected(state.rejected, head.revision)) {
    const isUnderWay = state.returning && state.phase !== "Completed";
    const message =
      `${isUnderWay ? "returns to" : "stays at"} ` +
      `${shortRevision(state.revision)}, since ${short} was rejected: ` +
      `push another commit, or ` +
      `wheelhouse rollout resume ${state.name} --revision ${short}`;
    reasons.push({ reason: "HeadRejected", message });
  } else if (isHeadNew(state, head)) {
    const message = `${short} waits until the rollout is resumed`;
    reasons.push({ reason: "HeadWaits", message });
  }
  return reasons;
}

/** What a person can do about a phase. */
function whatEnds(state: RolloutState): string {
  const { phase, name } = state;
  switch (phase) {
    case "Paused":
      return `: wheelhouse rollout resume ${name}`;
    case "Halted":
      return undoTarget(state) === null
        ? `: push a fix, or wheelhouse rollout resume ${name}`
        : `: push a fix, or wheelhouse rollout undo ${name}`;
    case "Blocked":
      return ": push a commit that compiles";
    case "Progressing":
    case "Completed":
    case "Aborted":
      return "";
  }
}

function waveReasons(
  state: RolloutState,
  view: WaveMembers,
): readonly RolloutReason[] {
  const wave = state.waves[view.index];
  const isActive = state.phase === "Progressing" || state.phase === "Paused";
  if (wave === undefined || wave.completed || !isActive) return [];
  const at = { wave: wave.name };
  const before = state.waves.find(({ completed }) => !completed);
  const isWaiting = !state.returning && !isUnordered(state.spec, view.index);
  if (isWaiting && before !== undefined && before !== wave) {
    const message = `waits for wave ${before.name}`;
    return [{ ...at, reason: "WaitsForWave", message }];
  }
  if (needsApproval(state, view)) {
    const message =
      `needs approval: wheelhouse rollout approve ${state.name} ` +
      `--wave ${wave.name}`;
    return [{ ...at, reason: "WaitsForApproval", message }];
  }
  const waiting = view.members.filter((m) => !isDone(m, view.spec)).length;
  if (waiting > 0) {
    const message = `${waiting} of ${view.size} clusters not confirmed`;
    return [{ ...at, reason: "Progressing", message }];
  }
  const requiredMs = soakRequired(state, view);
  const obstacle = soakObstacle(view);
  const soaked =
    `soaked ${formatDuration(wave.soakedMs)} of ` + formatDuration(requiredMs);
  return obstacle === null
    ? [{ ...at, reason: "Soaking", message: soaked }]
    : [{ ...at, reason: "SoakHeld", message: `${soaked}; ${obstacle}` }];
}

function clusterReason(
  state: RolloutState,
  view: WaveMembers,
  member: Member,
  refusal: RolloutReason | undefined,
): RolloutReason | null {
  const { name, fact, progress } = member;
  const at = { wave: view.spec.name, cluster: name };
  if (fact.target === null) {
    const message = "cannot be built at this revision; stays where it is";
    return { ...at, reason: "NoTarget", message };
  }
  if (fact.suspended && !hasArrived(member)) {
    const message = `suspended: wheelhouse resume ${name}`;
    return { ...at, reason: "Suspended", message };
  }
  if (progress.failed !== null && isAtTarget(member)) {
    return { ...at, reason: "Failed", message: progress.failed };
  }
  if (hasArrived(member)) return brokenReason(member, at);
  if (!isFresh(fact)) {
    const message = offlineMessage(member, view);
    return { ...at, reason: "Offline", message };
  }
  if (member.standing.inFlight && isAtTarget(member)) {
    return { ...at, reason: "NotReady", message: gateMessage(member, view) };
  }
  if (refusal !== undefined) return refusal;
  if (progress.asked?.root === fact.target.root) {
    return { ...at, reason: "NotReady", message: "is issued now" };
  }
  const message = waitsFor(state, view);
  return { ...at, reason: "NotIssued", message };
}

/** A cluster that has arrived is worth a word only where something of it broke later, or is excused. */
function brokenReason(
  { fact, progress, standing }: Member,
  at: { readonly wave: string; readonly cluster: string },
): RolloutReason | null {
  if (standing.unavailable) {
    const [shortfall] = gateShortfall(
      fact,
      fact.newest?.bundles.map(({ name }) => name) ?? [],
    );
    return { ...at, reason: "Unavailable", message: shortfall ?? "not Ready" };
  }
  if (!progress.touched) return null;
  const broken = progress.excused ?? [];
  const idle = [...idleBundles(fact.newest)].map(
    ([name, { why }]) => `${shortName(name)}: ${why}`,
  );
  const before =
    broken.length === 0
      ? []
      : [`not Ready before: ${broken.map(shortName).join(", ")}`];
  const excused = [...idle, ...before];
  if (excused.length === 0) return null;
  const message = `excused, ${excused.join("; ")}`;
  return { ...at, reason: "Excused", message };
}

function offlineMessage({ fact, progress }: Member, view: WaveMembers): string {
  const ago =
    fact.heardAgoMs === null
      ? "not connected"
      : `heard ${formatDuration(fact.heardAgoMs)} ago`;
  if (progress.skipped) return `${ago}; skipped, gets the target on return`;
  return `${ago}; offline: ${view.spec.offline}`;
}

/** The gate's shortfall, or how long it has still to hold. */
function gateMessage(
  { fact, progress }: Member,
  { spec }: WaveMembers,
): string {
  const [first, ...rest] = gateShortfall(fact, progress.gated);
  if (first === undefined) {
    return (
      `Ready for ${formatDuration(progress.readyMs)} of ` +
      formatDuration(spec.minReadyMs)
    );
  }
  const more = rest.length === 0 ? "" : `; and ${rest.length} more`;
  return `${first}${timeLeft(fact, progress)}${more}`;
}

/** How long the bundle that is nearest to its timeout has waited, and has left. */
function timeLeft(
  { newest }: Member["fact"],
  { unreadyMs }: Member["progress"],
): string {
  const waiting = (newest?.bundles ?? []).flatMap(({ name, timeoutMs }) => {
    const waitedMs = unreadyMs[name];
    return waitedMs === undefined
      ? []
      : [{ waitedMs, leftMs: Math.max(0, timeoutMs - waitedMs) }];
  });
  waiting.sort((a, b) => a.leftMs - b.leftMs);
  const [nearest] = waiting;
  if (nearest === undefined) return "";
  return (
    ` for ${formatDuration(nearest.waitedMs)} ` +
    `(timeout in ${formatDuration(nearest.leftMs)})`
  );
}

function waitsFor(state: RolloutState, view: WaveMembers): string {
  const { phase } = state;
  if (phase !== "Progressing" && phase !== "Completed") {
    return `the rollout is ${phase}`;
  }
  return isOpen(state, view) || !hasWork(view)
    ? "is next"
    : `waits for its wave`;
}
