import { type AssignmentVersion, type Revision } from "@wheelhouse/assignment";
import {
  type Cluster,
  type Problem,
  type Rollout,
} from "@wheelhouse/fleet-model";
import {
  type ClusterSources,
  type RegisteredRecord,
  computeClusterFacts,
} from "./cluster-sources.ts";
import { isOvertaken } from "./assignment-numbers.ts";
import { type IssueContent, planIssue } from "./next-issue.ts";
import { type ClusterFact, type RolloutInput } from "./rollout-input.ts";
import { type RolloutState } from "./rollout-state.ts";
import { type RolloutEffect, type RolloutStep } from "./rollout-step.ts";
import { type CompileProblem, startProblems } from "./start-problems.ts";
import { type StepTime, step } from "./step.ts";

/** What a hub keeps in mind from one step to the next. A restart loses it, which costs one step. */
export interface RoundMemory {
  /** Whose targets the next step must be given. */
  readonly wants: Revision | null;
  /** What a cluster that joins gets. */
  readonly completed: Revision | null;
}

/** A hub that has just started. */
export const emptyMemory: RoundMemory = { wants: null, completed: null };

/** A compiled revision, as far as a step looks at it. */
export interface RoundRevision {
  readonly revision: Revision;
  readonly rollout: Rollout;
  readonly clusters: readonly Cluster[];
  readonly problems: readonly CompileProblem[];
}

/** The revision whose targets a step is to be given. */
export function targetsFor(
  { wants }: RoundMemory,
  state: RolloutState | null,
  head: Pick<RoundRevision, "revision"> | null,
): Revision | null {
  return wants ?? state?.revision ?? head?.revision ?? null;
}

/** Whether a step that was given the targets of one revision wants another's: then the next is due at once. */
export function wantsElsewhere(
  { wants }: RoundMemory,
  given: Revision | null,
): boolean {
  return wants !== null && wants.commit !== given?.commit;
}

/** All that a step is made from, as the store and the sessions have it. */
export interface RoundSources extends Omit<
  ClusterSources,
  "named" | "clusters"
> {
  /** The newest compiled revision. */
  readonly head: RoundRevision | null;
  /** The one whose `targets` these are; null where it is not stored. */
  readonly at: RoundRevision | null;
  /** The problems of `comparedRevision`; empty where there is none. */
  readonly comparedProblems: readonly Problem[];
}

/** What a step is told. Without a head there is nothing to tell; without the targets' revision there are no clusters. */
export function roundInput(
  sources: RoundSources,
): Pick<RolloutInput, "head" | "targetsAt" | "clusters"> {
  const { head, at, comparedProblems, issued } = sources;
  if (head === null) return { head: null, targetsAt: null, clusters: [] };
  const { revision, rollout: spec, clusters: named } = head;
  const hasRun = [...issued.values()].map(({ envelope }) => envelope.cluster);
  const newProblems = startProblems(
    head.problems,
    comparedProblems,
    new Set(hasRun),
  );
  return {
    head: { revision, spec, newProblems },
    targetsAt: at?.revision ?? null,
    clusters:
      at === null
        ? []
        : computeClusterFacts({ ...sources, named, clusters: at.clusters }),
  };
}

/** One step with what surrounds it. */
export interface Round {
  readonly result: RolloutStep;
  readonly facts: readonly ClusterFact[];
  /** What to store and sign, before it is told to anybody. */
  readonly issues: readonly PlannedIssue[];
  readonly confirmed: readonly ({ readonly uid: string } & AssignmentVersion)[];
  /** To be kept in mind once all this is stored, and not before. */
  readonly memory: RoundMemory;
}

/** An assignment that is due: its number and its signature are still missing. */
export interface PlannedIssue {
  readonly record: RegisteredRecord;
  readonly content: IssueContent;
}

/** Takes one step, and says which assignments and confirmations follow. What the hub does and what the simulation does is this. */
export function takeRound(
  state: RolloutState | null,
  sources: RoundSources,
  asked: Pick<RolloutInput, "command" | "mayIssue">,
  now: StepTime,
): Round {
  const input = { ...roundInput(sources), ...asked };
  const result = step(state, input, now);
  const { wants, completed, effects } = result;
  return {
    result,
    facts: input.clusters,
    issues: planIssues(effects, sources),
    confirmed: confirmationsOf(effects, sources.records),
    memory: { wants, completed },
  };
}

function planIssues(
  effects: readonly RolloutEffect[],
  { records, targets, completedTargets, issued, suspensions }: RoundSources,
): readonly PlannedIssue[] {
  const recordOf = new Map(records.map((record) => [record.name, record]));
  return effects.flatMap((effect) => {
    if (effect.kind !== "issue") return [];
    const record = recordOf.get(effect.cluster);
    if (record === undefined) return [];
    const { commit } = effect.revision;
    const target = [targets, completedTargets]
      .map((some) => some.get(effect.cluster))
      .find((one) => one?.revision.commit === commit);
    const last = issued.get(record.uid)?.envelope ?? null;
    const content = planIssue(
      target ?? null,
      suspensions,
      last !== null && isOvertaken(last, record)
        ? { ...last, root: null }
        : last,
    );
    return content === null ? [] : [{ record, content }];
  });
}

/** Which incarnation's versions a step confirmed. */
function confirmationsOf(
  effects: readonly RolloutEffect[],
  records: readonly RegisteredRecord[],
): Round["confirmed"] {
  const recordOf = new Map(records.map((record) => [record.name, record]));
  return effects.flatMap((effect) => {
    if (effect.kind !== "confirm") return [];
    const record = recordOf.get(effect.cluster);
    const { epoch, seq } = effect.version;
    return record === undefined ? [] : [{ uid: record.uid, epoch, seq }];
  });
}
