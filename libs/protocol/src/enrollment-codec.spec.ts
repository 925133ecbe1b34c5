import { describe, expect, it } from "vitest";
import {
  joinAnswerCodec,
  joinRequestCodec,
  renewAnswerCodec,
  renewRequestCodec,
} from "./enrollment-codec.ts";
import { artifactFrameCodec, assignmentFrameCodec } from "./fetch-codec.ts";
import { protocolLimits } from "./limits.ts";

const bytes = (length: number) => new Uint8Array(length).fill(7);
const { certificateBytes, chainLength, chunkBytes, delegationBytes } =
  protocolLimits;

const join = (change: object = {}) =>
  joinRequestCodec.decode(
    joinRequestCodec.encode({
      kind: "joinRequest",
      token: bytes(32),
      certificateRequest: bytes(300),
      kubeSystemUid: "ks-1",
      ...change,
    }),
  );

const header = (change: object = {}) =>
  assignmentFrameCodec.decode(
    assignmentFrameCodec.encode({
      kind: "assignmentHeader",
      totalBytes: 1,
      signature: bytes(64),
      delegation: bytes(delegationBytes),
      ...change,
    }),
  );

const chunk = (length: number) =>
  artifactFrameCodec.decode(
    artifactFrameCodec.encode({ kind: "chunk", bytes: bytes(length) }),
  );

const chain = (certificates: readonly Uint8Array[]) =>
  joinAnswerCodec.decode(
    joinAnswerCodec.encode({
      kind: "joinAnswer",
      certificateChain: certificates,
      fleet: "harbour",
      cluster: "prod-eu-1",
      uid: "uid-1",
    }),
  );

const proof = (length: number) =>
  renewRequestCodec.decode(
    renewRequestCodec.encode({
      kind: "renewalProof",
      certificateRequest: bytes(300),
      signature: bytes(length),
    }),
  );

const nonce = (length: number) =>
  renewAnswerCodec.decode(
    renewAnswerCodec.encode({ kind: "renewalNonce", nonce: bytes(length) }),
  );

describe("bytes of a peer", () => {
  it("are taken up to their bounds", () => {
    expect(join().kind).toBe("joinRequest");
    expect(join({ certificateRequest: bytes(certificateBytes) }).kind).toBe(
      "joinRequest",
    );
    expect(header().kind).toBe("assignmentHeader");
    expect(chunk(chunkBytes).kind).toBe("chunk");
    expect(
      chain(Array.from({ length: chainLength }, () => bytes(9))).kind,
    ).toBe("joinAnswer");
    expect(proof(128).kind).toBe("renewalProof");
    expect(nonce(32).kind).toBe("renewalNonce");
  });

  it.each([
    ["a token that is too short", () => join({ token: bytes(31) })],
    ["a token that is too long", () => join({ token: bytes(33) })],
    [
      "a certificate request that is too long",
      () => join({ certificateRequest: bytes(certificateBytes + 1) }),
    ],
    ["a signature that is too long", () => header({ signature: bytes(65) })],
    [
      "a delegation that is too long",
      () => header({ delegation: bytes(delegationBytes + 1) }),
    ],
    ["a chunk that is too long", () => chunk(chunkBytes + 1)],
    [
      "a chain of too many",
      () => chain(Array.from({ length: chainLength + 1 }, () => bytes(9))),
    ],
    [
      "a certificate that is too long",
      () => chain([bytes(certificateBytes + 1)]),
    ],
    ["a proof that is too long", () => proof(129)],
    ["a short nonce", () => nonce(31)],
  ])("are malformed with %s", (_what, decoded) => {
    expect(decoded().kind).toBe("malformed");
  });
});
