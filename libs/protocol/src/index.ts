export {
  type Codec,
  type Decoded,
  type MalformedMessage,
  type UnknownMessage,
} from "./codec.ts";
export {
  type JoinAnswer,
  type JoinRequest,
  type RenewAnswer,
  type RenewRequest,
  type RenewalNonce,
  type RenewalProof,
  type RenewalResult,
  type RenewalStart,
  joinAnswerCodec,
  joinRequestCodec,
  renewAnswerCodec,
  renewRequestCodec,
  renewalSignatureDomain,
} from "./enrollment-codec.ts";
export {
  type ArtifactFetch,
  type ArtifactFrame,
  type ArtifactHeader,
  type AssignmentFetch,
  type AssignmentFrame,
  type AssignmentHeader,
  type FetchChunk,
  artifactFetchCodec,
  artifactFrameCodec,
  assignmentFetchCodec,
  assignmentFrameCodec,
} from "./fetch-codec.ts";
export { hubMessageCodec } from "./hub-message-codec.ts";
export { protocolLimits } from "./limits.ts";
export {
  type DuplexCall,
  type LinkClient,
  type LinkTarget,
  createLinkClient,
} from "./link-client.ts";
export {
  type LinkFailure,
  type LinkReason,
  linkReasons,
  readLinkFailure,
  writeLinkFailure,
} from "./link-failure.ts";
export {
  type AssignmentAcknowledged,
  type AssignmentMark,
  type AssignmentOffer,
  type AssignmentRefused,
  type BundleReport,
  type ClusterCapabilities,
  type Heartbeat,
  type HeartbeatReply,
  type Hello,
  type HubMessage,
  type ObjectNote,
  type PruneHold,
  type ReconcileRequest,
  type ReportRequest,
  type SpokeMessage,
  type StatusReport,
  type Welcome,
  protocolVersion,
} from "./messages.ts";
export { enrollmentService, linkService } from "./services.ts";
export { spokeMessageCodec } from "./spoke-message-codec.ts";
