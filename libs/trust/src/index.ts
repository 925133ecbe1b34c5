export {
  type AssignmentProblem,
  type AssignmentVerdict,
  type VerifyAssignmentOptions,
  signEnvelope,
  verifyAssignment,
} from "./assignment-signature.ts";
export {
  type CertificateAuthority,
  createCertificateAuthority,
} from "./certificate-authority.ts";
export {
  type Delegation,
  delegationLifetimeMs,
  delegationSignatureDomain,
  readDelegation,
  signDelegation,
  verifyDelegation,
} from "./delegation.ts";
export { describeFileError } from "./file-problem.ts";
export {
  type FleetRoot,
  createFleetRoot,
  pinOf,
  readFleetRoot,
  writeFleetRoot,
} from "./fleet-root.ts";
export {
  type HubKeys,
  type HubKeysResult,
  createHubKeys,
  readHubKeys,
  writeHubKeys,
} from "./hub-keys.ts";
export {
  type DelegateEpochOptions,
  type InitFleetOptions,
  type InitFleetResult,
  delegateEpoch,
  initFleet,
} from "./init-fleet.ts";
export { readRenewalChain, renewalGraceMs } from "./renewal-chain.ts";
export {
  type RootPin,
  formatRootPin,
  isFleetName,
  parseRootPin,
  pinFingerprint,
} from "./root-pin.ts";
export {
  type ServerCertificate,
  issueServerCertificate,
} from "./server-certificate.ts";
export {
  type CertificateRequestResult,
  type IssuedCertificate,
  type SpokeCertificateFacts,
  type SpokeIdentity,
  isSignedByCertificate,
  issueSpokeCertificate,
  readCertificateRequest,
  readSpokeIdentity,
  spokeCertificateLifetimeMs,
} from "./spoke-certificate.ts";
export {
  type SpokeKey,
  createSpokeKey,
  hashPublicKey,
  openSpokeKey,
} from "./spoke-key.ts";
export {
  type BearerToken,
  type JoinToken,
  createBearerToken,
  createJoinToken,
  createLoginCode,
  hashSecret,
  parseJoinToken,
} from "./tokens.ts";
export { clockSkewMs, readPemChain, writePemChain } from "./x509.ts";
