export { type Artifact, decodeObjects, encodeObjects } from "./artifact.ts";
export {
  type AllowedDeletion,
  type ArtifactReference,
  type AssignedBundle,
  type BundleDependency,
  type BundleName,
  type BundleSpec,
  type DeletionPolicy,
  type DriftMode,
  type HealthCheck,
  type HealthExpressions,
  type HeldReason,
  type IgnoreRule,
  type IgnoreTarget,
  type LateReference,
  type Revision,
  bundleDigest,
  objectsMediaType,
  rootBundleName,
  templateMediaType,
} from "./bundle.ts";
export {
  type Digest,
  digestBytes,
  digestOf,
  digestOfJson,
  isDigest,
  shortDigest,
} from "./digest.ts";
export { differingBundles } from "./differing-bundles.ts";
export {
  type AssignmentVersion,
  type Envelope,
  type EnvelopeContent,
  type EnvelopeResult,
  type SignedEnvelope,
  compareVersions,
  createEnvelope,
  decodeEnvelope,
  encodeEnvelope,
  envelopeSignatureDomain,
  maxSeqJump,
  rootOf,
} from "./envelope.ts";
export { type RootLeaf, merkleRoot } from "./merkle-root.ts";
export {
  type RatchetPosition,
  type RatchetProblem,
  type RatchetVerdict,
  judgeRatchet,
} from "./ratchet.ts";
export {
  type ArtifactContent,
  type Template,
  type TemplateDocument,
  type TemplateSource,
  decodeArtifact,
  documentIdOf,
  draftOf,
  encodeTemplate,
  templateIdOf,
} from "./template.ts";
