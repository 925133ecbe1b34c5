export {
  type ClusterRolloutView,
  type ClusterStage,
  type RolloutView,
  type WaveRolloutView,
  type WaveStage,
  describeRollout,
} from "./describe-rollout.ts";
export { freshnessMs } from "./freshness.ts";
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
export { type StepTime, step } from "./step.ts";
