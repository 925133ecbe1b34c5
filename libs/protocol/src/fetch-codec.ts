import { type Digest } from "@wheelhouse/assignment";
import { createCodec } from "./codec.ts";
import {
  readBytes,
  readCount,
  readDigest,
  writeBytes,
  writeDigest,
} from "./fields.ts";
import * as wire from "./gen/wheelhouse/v1/link_pb.ts";
import { protocolLimits } from "./limits.ts";

/** Asks for an assignment's envelope from a byte on. */
export interface AssignmentFetch {
  readonly kind: "assignmentFetch";
  readonly epoch: number;
  readonly seq: number;
  readonly offset: number;
}

/** Asks for an artifact from a byte on. */
export interface ArtifactFetch {
  readonly kind: "artifactFetch";
  readonly digest: Digest;
  readonly offset: number;
}

/** The first frame of an assignment: how long its envelope is, and what proves it. */
export interface AssignmentHeader {
  readonly kind: "assignmentHeader";
  readonly totalBytes: number;
  readonly signature: Uint8Array;
  readonly delegation: Uint8Array;
}

/** The first frame of an artifact. */
export interface ArtifactHeader {
  readonly kind: "artifactHeader";
  readonly totalBytes: number;
}

/** A piece of what was asked for, at most 64 KiB, in order. */
export interface FetchChunk {
  readonly kind: "chunk";
  readonly bytes: Uint8Array;
}

/** A frame of an assignment. */
export type AssignmentFrame = AssignmentHeader | FetchChunk;

/** A frame of an artifact. */
export type ArtifactFrame = ArtifactHeader | FetchChunk;

/** A request for an assignment, to bytes and back. */
export const assignmentFetchCodec = createCodec<
  AssignmentFetch,
  typeof wire.FetchAssignmentRequestSchema
>(
  wire.FetchAssignmentRequestSchema,
  ({ epoch, seq, offset }) => ({
    epoch: BigInt(epoch),
    seq: BigInt(seq),
    offset: BigInt(offset),
  }),
  (request) => ({
    kind: "assignmentFetch",
    epoch: readCount(request.epoch, "epoch"),
    seq: readCount(request.seq, "seq"),
    offset: readCount(request.offset, "offset"),
  }),
);

/** A request for an artifact, to bytes and back. */
export const artifactFetchCodec = createCodec<
  ArtifactFetch,
  typeof wire.FetchArtifactRequestSchema
>(
  wire.FetchArtifactRequestSchema,
  ({ digest, offset }) => ({
    digest: writeDigest(digest),
    offset: BigInt(offset),
  }),
  (request) => ({
    kind: "artifactFetch",
    digest: readDigest(request.digest, "digest"),
    offset: readCount(request.offset, "offset"),
  }),
);

/** A frame of an assignment, to bytes and back. */
export const assignmentFrameCodec = createCodec<
  AssignmentFrame,
  typeof wire.FetchAssignmentResponseSchema
>(
  wire.FetchAssignmentResponseSchema,
  (frame) => ({
    frame:
      frame.kind === "chunk"
        ? { case: "chunk", value: writeBytes(frame.bytes) }
        : {
            case: "header",
            value: {
              totalBytes: BigInt(frame.totalBytes),
              signature: writeBytes(frame.signature),
              delegation: writeBytes(frame.delegation),
            },
          },
  }),
  ({ frame }) => {
    switch (frame.case) {
      case "header":
        return {
          kind: "assignmentHeader",
          totalBytes: readCount(frame.value.totalBytes, "totalBytes"),
          signature: readBytes(frame.value.signature, "signature", 64),
          delegation: readBytes(
            frame.value.delegation,
            "delegation",
            protocolLimits.delegationBytes,
          ),
        };
      case "chunk":
        return readChunk(frame.value);
      case undefined:
        return undefined;
    }
  },
);

/** A frame of an artifact, to bytes and back. */
export const artifactFrameCodec = createCodec<
  ArtifactFrame,
  typeof wire.FetchArtifactResponseSchema
>(
  wire.FetchArtifactResponseSchema,
  (frame) => ({
    frame:
      frame.kind === "chunk"
        ? { case: "chunk", value: writeBytes(frame.bytes) }
        : { case: "header", value: { totalBytes: BigInt(frame.totalBytes) } },
  }),
  ({ frame }) => {
    switch (frame.case) {
      case "header":
        return {
          kind: "artifactHeader",
          totalBytes: readCount(frame.value.totalBytes, "totalBytes"),
        };
      case "chunk":
        return readChunk(frame.value);
      case undefined:
        return undefined;
    }
  },
);

function readChunk(bytes: Uint8Array): FetchChunk {
  return {
    kind: "chunk",
    bytes: readBytes(bytes, "chunk", protocolLimits.chunkBytes),
  };
}
