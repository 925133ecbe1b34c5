export { AssignmentIntake, type IntakeLink } from "./assignment-intake.ts";
export {
  type HubEndpoint,
  type JoinFleetOptions,
  type JoinFleetResult,
  type RenewCertificateOptions,
  type RenewCertificateResult,
  joinFleet,
  renewCertificate,
} from "./enrollment-client.ts";
export { adviseOn } from "./failure-advice.ts";
export {
  type HubSession,
  type HubSessionOptions,
  type LinkStatus,
  type SessionEnd,
  createHubSession,
} from "./hub-session.ts";
export { type LinkPhase } from "./link-state.ts";
export { spokeLimits } from "./limits.ts";
export { fruitlessAttempts } from "./resumable-fetch.ts";
export { ReportSender, type ReportStream } from "./report-sender.ts";
export {
  type AcknowledgedAssignment,
  type DurableAssignments,
  type FetchedArtifact,
  type LinkLog,
  type LinkLogEntry,
  type ReportSnapshot,
  type RequestingKey,
  type SessionPorts,
  type SpokeCredentials,
  type SpokeIdentity,
  type VerifyAssignment,
} from "./ports.ts";
