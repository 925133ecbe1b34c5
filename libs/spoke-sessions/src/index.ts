export { ControlSession } from "./control-session.ts";
export {
  type LiveSpoke,
  type SpokeNews,
  LiveSessions,
} from "./live-sessions.ts";
export { type ServerTls } from "./certificate-provider.ts";
export { type SessionLimits, defaultSessionLimits } from "./limits.ts";
export {
  type AssignmentSource,
  type Awaitable,
  type CertificateAuthority,
  type JoinFacts,
  type JoinTokenResult,
  type PeerIdentity,
  type RegisteredCluster,
  type ReportedState,
  type SessionKey,
  type SessionLog,
  type SessionLogEntry,
  type SessionObserver,
  type SpokeRegistry,
} from "./ports.ts";
export { maxReconcileRequests } from "./outbox.ts";
export { maxBundleLength } from "./report-bound.ts";
export { type SessionContext } from "./session-context.ts";
export { SessionTable } from "./session-table.ts";
export {
  type SessionView,
  type SpokeServer,
  type SpokeServerOptions,
  createSpokeServer,
} from "./spoke-server.ts";
