import { type HubKeys } from "./hub-keys.ts";
import { readRenewalChain } from "./renewal-chain.ts";
import {
  type CertificateRequestResult,
  type IssuedCertificate,
  type SpokeIdentity,
  isSignedByCertificate,
  issueSpokeCertificate,
  readCertificateRequest,
  readSpokeIdentity,
} from "./spoke-certificate.ts";
import { hashPublicKey } from "./spoke-key.ts";
import { hashSecret } from "./tokens.ts";

/** All that the hub's side of the link asks of keys and certificates. */
export interface CertificateAuthority {
  /** Whom a certificate names that TLS has led to the root; undefined where it is no spoke's. */
  readIdentity(certificate: Uint8Array): SpokeIdentity | undefined;
  /** Whom a chain names that is presented for renewal. */
  readRenewal(
    chain: readonly Uint8Array[],
    nowMs: number,
  ): Promise<SpokeIdentity | undefined>;
  readRequest(request: Uint8Array): Promise<CertificateRequestResult>;
  /** Whether a signature is by the key of a certificate. */
  isProof(
    certificate: Uint8Array,
    bytes: Uint8Array,
    signature: Uint8Array,
  ): boolean;
  hashPublicKey(publicKey: Uint8Array): string;
  hashToken(secret: Uint8Array): string;
  /** Whether the delegation still lives; nothing is issued after it. */
  canIssue(nowMs: number): boolean;
  issue(
    cluster: { readonly uid: string; readonly cluster: string },
    publicKey: Uint8Array,
    nowMs: number,
  ): Promise<IssuedCertificate>;
}

/** Makes the authority of a hub from its online keys; `lifetimeMs` is that of a spoke's certificate, 24 h by default. */
export function createCertificateAuthority(
  keys: HubKeys,
  options: { readonly lifetimeMs?: number } = {},
): CertificateAuthority {
  const endMs = Date.parse(keys.delegation.notAfter);
  return {
    readIdentity: readSpokeIdentity,
    readRenewal: (chain, nowMs) => readRenewalChain(keys.pin, chain, nowMs),
    readRequest: readCertificateRequest,
    isProof: isSignedByCertificate,
    hashPublicKey,
    hashToken: hashSecret,
    canIssue: (nowMs) => nowMs < endMs,
    issue: ({ uid, cluster }, publicKey, nowMs) =>
      issueSpokeCertificate(keys, {
        uid,
        cluster,
        publicKey,
        nowMs,
        ...options,
      }),
  };
}
