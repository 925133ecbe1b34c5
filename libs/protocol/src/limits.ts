/**
 * The bounds of the link. A sender cuts what only people read to its bound;
 * a receiver refuses what is over one.
 */
export const protocolLimits = {
  /** One message on the wire, in bytes; the receive limit of both sides. */
  messageBytes: 4 * 1024 * 1024,
  /** What a sender packs into one status report, in bytes, before it begins another. */
  reportBytes: 1024 * 1024,
  /** One chunk of an envelope or an artifact, in bytes. */
  chunkBytes: 64 * 1024,
  /** One envelope, in bytes. */
  envelopeBytes: 16 * 1024 * 1024,
  /** One artifact, in bytes. */
  artifactBytes: 16 * 1024 * 1024,
  /** A signed delegation, in bytes. */
  delegationBytes: 16 * 1024,
  /** A name, a uid, a version, a time: characters. */
  nameLength: 512,
  /** A message for people, or a field's path: characters. */
  messageLength: 1024,
  /** A drifted field's value: characters. */
  valueLength: 256,
  apiVersions: 5000,
  bundles: 5000,
  notesPerBundle: 20,
  driftRecords: 500,
  fieldsPerDrift: 20,
  pruneHolds: 1000,
  /** Certificates in a chain. */
  chainLength: 4,
  /** One certificate or certificate request, in bytes. */
  certificateBytes: 16 * 1024,
} as const;
