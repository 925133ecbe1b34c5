import { type WaveSpec } from "@wheelhouse/fleet-model";
import { type Facts, type KnownCluster } from "./known-cluster.ts";
import { type ClusterProgress, type RolloutState } from "./rollout-state.ts";
import { type Standing, isAway, isConfirmed, standingOf } from "./standing.ts";
import { waveSpecOf } from "./wave-plan.ts";

/** One cluster of a wave, with all that a decision about it looks at. */
export interface Member {
  readonly name: string;
  readonly fact: KnownCluster;
  readonly progress: ClusterProgress;
  readonly standing: Standing;
}

/** A wave with its spec and the members that are in the fleet now, in order of name. */
export interface WaveMembers {
  readonly index: number;
  readonly spec: WaveSpec;
  /** Late ones included. */
  readonly members: readonly Member[];
  /** The number that percentages are taken of: frozen clusters that are in the fleet; where there is none, the late ones. */
  readonly size: number;
}

/** The waves of a state as they stand. */
export function gatherWaves(
  state: RolloutState,
  facts: Facts,
): readonly WaveMembers[] {
  const members: Member[][] = state.waves.map(() => []);
  for (const [name, fact] of facts) {
    const progress = progressOf(state, name);
    if (progress === null) continue;
    members[progress.wave]?.push(memberOf(fact, progress));
  }
  return members.map((list, index) => {
    const frozen = list.filter(({ progress }) => !progress.late).length;
    const size = frozen > 0 ? frozen : list.length;
    return {
      index,
      spec: waveSpecOf(state.spec, index),
      members: list,
      size,
    };
  });
}

/** Within a step the waves are gathered several times, and few clusters have moved between. */
function memberOf(fact: KnownCluster, progress: ClusterProgress): Member {
  const seated = seats.get(progress);
  if (seated?.fact === fact) return seated;
  const standing = standingOf(fact, progress);
  const member = { name: fact.name, fact, progress, standing };
  seats.set(progress, member);
  return member;
}

const seats = new WeakMap<ClusterProgress, Member>();

/** A cluster's progress; null for one that is in no wave. */
export function progressOf(
  state: RolloutState,
  name: string,
): ClusterProgress | null {
  return Object.hasOwn(state.clusters, name)
    ? (state.clusters[name] ?? null)
    : null;
}

/** Whether the newest assignment known of is what the rollout's revision wants. */
export function isAtTarget({ fact }: Member): boolean {
  return fact.target !== null && fact.newest?.root === fact.target.root;
}

/** Whether a cluster has arrived: at its target and confirmed there, or unchanged by the revision. */
export function hasArrived(member: Member): boolean {
  return isAtTarget(member) && isConfirmed(member.fact, member.progress);
}

/** Whether a cluster's failure is one of this rollout, and was not forgiven by a person. */
export function countsAsFailed(member: Member): boolean {
  const { failed, tolerated } = member.progress;
  return failed !== null && !tolerated && isAtTarget(member);
}

/** Whether a wave need not wait for this cluster, ever: it cannot or must not move. */
export function isSetAside({ fact, progress }: Member): boolean {
  return (
    progress.late || progress.skipped || fact.suspended || fact.target === null
  );
}

/** Whether a wave may end without waiting for this cluster any longer. Failed ones do not hold a wave open: more of them than `maxFailures` have stopped it before. */
export function isDone(member: Member, { offline }: WaveSpec): boolean {
  if (hasArrived(member) || isSetAside(member)) return true;
  if (member.progress.failed !== null && isAtTarget(member)) return true;
  return offline !== "wait" && isAway(member.fact, member.progress);
}
