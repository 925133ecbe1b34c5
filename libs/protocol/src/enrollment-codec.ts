import { createCodec } from "./codec.ts";
import {
  FieldProblem,
  readBytes,
  readList,
  readText,
  writeBytes,
} from "./fields.ts";
import * as wire from "./gen/wheelhouse/v1/enrollment_pb.ts";
import { protocolLimits } from "./limits.ts";

/** Spends a join token for a certificate. */
export interface JoinRequest {
  readonly kind: "joinRequest";
  /** The 32 bytes of the token's secret. */
  readonly token: Uint8Array;
  /** PKCS #10 in DER; only its public key is taken. */
  readonly certificateRequest: Uint8Array;
  readonly kubeSystemUid: string;
}

/** A certificate chain, leaf first in DER, and whom it names. */
export interface JoinAnswer {
  readonly kind: "joinAnswer";
  readonly certificateChain: readonly Uint8Array[];
  readonly fleet: string;
  readonly cluster: string;
  readonly uid: string;
}

/** The first word of a renewal: the chain that ends, or has ended. */
export interface RenewalStart {
  readonly kind: "renewalStart";
  readonly certificateChain: readonly Uint8Array[];
}

/** The answer to the nonce, by the registered key. */
export interface RenewalProof {
  readonly kind: "renewalProof";
  readonly certificateRequest: Uint8Array;
  readonly signature: Uint8Array;
}

/** What the spoke has to sign: 32 bytes, made for this one call. */
export interface RenewalNonce {
  readonly kind: "renewalNonce";
  readonly nonce: Uint8Array;
}

/** The new chain. */
export interface RenewalResult {
  readonly kind: "renewalResult";
  readonly certificateChain: readonly Uint8Array[];
}

/** What a spoke sends on a renewal. */
export type RenewRequest = RenewalStart | RenewalProof;

/** What a hub sends on a renewal. */
export type RenewAnswer = RenewalNonce | RenewalResult;

/** The text in front of what is signed to prove possession of a key: then the nonce, then the SHA-256 of the certificate request. */
export const renewalSignatureDomain = "wheelhouse.dev/renewal/v1\n";

/** A join request, to bytes and back. */
export const joinRequestCodec = createCodec<
  JoinRequest,
  typeof wire.JoinRequestSchema
>(
  wire.JoinRequestSchema,
  (request) => ({
    token: writeBytes(request.token),
    certificateRequest: writeBytes(request.certificateRequest),
    kubeSystemUid: request.kubeSystemUid,
  }),
  (request) => ({
    kind: "joinRequest",
    token: readExactly(request.token, 32, "token"),
    certificateRequest: readCertificate(request.certificateRequest),
    kubeSystemUid: readText(request.kubeSystemUid, "kubeSystemUid"),
  }),
);

/** A join's answer, to bytes and back. */
export const joinAnswerCodec = createCodec<
  JoinAnswer,
  typeof wire.JoinResponseSchema
>(
  wire.JoinResponseSchema,
  (answer) => ({
    certificateChain: answer.certificateChain.map(writeBytes),
    fleet: answer.fleet,
    cluster: answer.cluster,
    uid: answer.uid,
  }),
  (answer) => ({
    kind: "joinAnswer",
    certificateChain: readChain(answer.certificateChain),
    fleet: readText(answer.fleet, "fleet"),
    cluster: readText(answer.cluster, "cluster"),
    uid: readText(answer.uid, "uid"),
  }),
);

/** What a spoke sends on a renewal, to bytes and back. */
export const renewRequestCodec = createCodec<
  RenewRequest,
  typeof wire.RenewRequestSchema
>(
  wire.RenewRequestSchema,
  (request) => ({
    message:
      request.kind === "renewalStart"
        ? {
            case: "start",
            value: {
              certificateChain: request.certificateChain.map(writeBytes),
            },
          }
        : {
            case: "proof",
            value: {
              certificateRequest: writeBytes(request.certificateRequest),
              signature: writeBytes(request.signature),
            },
          },
  }),
  ({ message }) => {
    switch (message.case) {
      case "start":
        return {
          kind: "renewalStart",
          certificateChain: readChain(message.value.certificateChain),
        };
      case "proof":
        return {
          kind: "renewalProof",
          certificateRequest: readCertificate(message.value.certificateRequest),
          signature: readBytes(message.value.signature, "signature", 128),
        };
      case undefined:
        return undefined;
    }
  },
);

/** What a hub sends on a renewal, to bytes and back. */
export const renewAnswerCodec = createCodec<
  RenewAnswer,
  typeof wire.RenewResponseSchema
>(
  wire.RenewResponseSchema,
  (answer) => ({
    message:
      answer.kind === "renewalNonce"
        ? { case: "nonce", value: { nonce: writeBytes(answer.nonce) } }
        : {
            case: "result",
            value: {
              certificateChain: answer.certificateChain.map(writeBytes),
            },
          },
  }),
  ({ message }) => {
    switch (message.case) {
      case "nonce":
        return {
          kind: "renewalNonce",
          nonce: readExactly(message.value.nonce, 32, "nonce"),
        };
      case "result":
        return {
          kind: "renewalResult",
          certificateChain: readChain(message.value.certificateChain),
        };
      case undefined:
        return undefined;
    }
  },
);

function readExactly(bytes: Uint8Array, length: number, field: string) {
  if (bytes.length !== length) {
    throw new FieldProblem(`${field}: not ${length} bytes`);
  }
  return bytes;
}

function readCertificate(bytes: Uint8Array): Uint8Array {
  return readBytes(bytes, "certificate", protocolLimits.certificateBytes);
}

function readChain(chain: readonly Uint8Array[]): Uint8Array[] {
  return readList(
    chain,
    "certificateChain",
    protocolLimits.chainLength,
    readCertificate,
  );
}
