export {
  type AssignmentFacts,
  computeAssignmentFacts,
} from "./assignment-facts.ts";
export {
  type IssueLedger,
  type IssuedNumber,
  type NextVersion,
  type NumberProblem,
  afterIssue,
  isOvertaken,
  maxLeap,
  maxLeaps,
  nextVersion,
  numberAdvice,
} from "./assignment-numbers.ts";
export { type ClusterStage } from "./cluster-stage.ts";
export {
  type ClusterSources,
  type HeardSpoke,
  type NamedAssignment,
  type RegisteredRecord,
  type StoredIssue,
  computeClusterFacts,
} from "./cluster-sources.ts";
export {
  type ApprovalRests,
  type ApprovalVerdict,
  type DeletionReport,
  approvalRestMs,
  judgeApprovals,
} from "./deletion-approvals.ts";
export {
  type ClusterDescription,
  type RolloutDescription,
  type WaveDescription,
  type WaveStage,
  describeRollout,
} from "./describe-rollout.ts";
export { freshnessMs } from "./freshness.ts";
export { neededRevisions } from "./generation.ts";
export {
  type ApprovedDeletion,
  type IssueContent,
  type LastIssue,
  type ReleaseSources,
  type ReplacementFacts,
  deletionsFor,
  planIssue,
  planReissue,
  planReplacement,
  releasedBundles,
} from "./next-issue.ts";
export { type NextLook, nextLook } from "./next-look.ts";
export {
  type BundleFact,
  type ClusterFact,
  type ReportFact,
  type RolloutCommand,
  type RolloutInput,
  type Target,
  type TargetBundle,
} from "./rollout-input.ts";
export {
  type PlannedIssue,
  type Round,
  type RoundMemory,
  type RoundRevision,
  type RoundSources,
  emptyMemory,
  takeRound,
  targetsFor,
  wantsElsewhere,
} from "./rollout-round.ts";
export {
  type ReplacementNeeds,
  replacementNeeds,
} from "./replacement-needs.ts";
export {
  type ClusterProgress,
  type Decision,
  type RolloutPhase,
  type RolloutState,
  type WaveState,
} from "./rollout-state.ts";
export {
  type RolloutEffect,
  type RolloutReason,
  type RolloutStep,
} from "./rollout-step.ts";
export {
  type CompileProblem,
  comparedRevision,
  startProblems,
} from "./start-problems.ts";
export { type StepTime, step } from "./step.ts";
export { afterRestart, isEntryNews, isWorthStoring } from "./stored-change.ts";
export {
  type CompiledTarget,
  type Frozen,
  undecidedBundles,
} from "./suspended-bundles.ts";
