export { SupersededError } from "./assignment-guard.ts";
export { type BundleEvent, lastTroubles } from "./bundle-events.ts";
export {
  ClusterReconciler,
  type ReconcilerFacts,
} from "./cluster-reconciler.ts";
export {
  type DependencyVerdict,
  checkDependencies,
} from "./dependency-gate.ts";
export { type DependencyState } from "./dependency-state.ts";
export { type JudgedBundle, judgeBundles } from "./judged-bundles.ts";
export { maxHealsPerMinute } from "./heal-limits.ts";
export {
  type FinishedTemplate,
  type LateNeeds,
  type LateValues,
  type UnfinishedTemplate,
} from "./late-values.ts";
export { type LiveView } from "./live-overlay.ts";
export { ClusterEvents, eventBudget } from "./cluster-events.ts";
export {
  type OpenedReconciler,
  ensureSpokeNamespace,
  openReconciler,
} from "./open-reconciler.ts";
export {
  type AcknowledgedAssignment,
  type ClusterEvent,
  type Log,
  type ReconcilerOptions,
} from "./reconciler-options.ts";
