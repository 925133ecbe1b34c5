export { formatAge } from "./age.ts";
export { formatDuration } from "./duration.ts";
export {
  type HubClient,
  type HubClientOptions,
  type RolloutAction,
  createHubClient,
} from "./hub-client.ts";
export { HubProblem } from "./hub-problem.ts";
export { approvalOf } from "./prune-approval.ts";
export {
  type AddClusterRequest,
  type ApprovePrunesRequest,
  type CreateTokenRequest,
  type LoginRequest,
  type ReconcileRequestBody,
  type RolloutActionRequest,
  type SuspendRequest,
  pagePaths,
  routes,
} from "./routes.ts";
export { type ServerEvent, readServerEvents } from "./server-events.ts";
export {
  type AssignmentView,
  type AuditView,
  type BundleView,
  type ClusterPhase,
  type ClusterView,
  type DriftView,
  type FleetView,
  type GitView,
  type JoinView,
  type ObjectView,
  type PrincipalView,
  type ProblemDetails,
  type ProblemView,
  type PruneView,
  type RepointView,
  type RevisionView,
  type Role,
  type RolloutStage,
  type RolloutView,
  type SpokeView,
  type TokenView,
  type VerdictName,
  type WaveView,
} from "./views.ts";
