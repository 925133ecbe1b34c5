import { createHash, createPrivateKey, sign, webcrypto } from "node:crypto";
import {
  certificateAlgorithm,
  createCertificateKey,
  importSigningKey,
  x509,
} from "./x509.ts";

/** A spoke's one key. The private part goes into the cluster's Secret and nowhere else. */
export interface SpokeKey {
  /** P-256, PKCS #8 in PEM. */
  readonly privateKey: string;
  /** A request for a certificate, PKCS #10 in DER; it asks for nothing but the key. */
  createRequest(): Promise<Uint8Array>;
  /** Proves possession: ECDSA with SHA-256 in DER over these bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Makes a spoke's key. */
export async function createSpokeKey(): Promise<SpokeKey> {
  return openSpokeKey((await createCertificateKey()).privateKey);
}

/** Opens a spoke's key from PEM. Throws where it is no private key. */
export function openSpokeKey(privateKey: string): SpokeKey {
  const key = createPrivateKey(privateKey);
  return {
    privateKey,
    createRequest: () => createRequest(privateKey),
    sign: (bytes) => sign("sha256", bytes, key),
  };
}

async function createRequest(privateKey: string): Promise<Uint8Array> {
  const signing = await importSigningKey(privateKey);
  const {
    key_ops: _operations,
    d: _secret,
    ...jwk
  } = await webcrypto.subtle.exportKey("jwk", signing);
  const publicKey = await webcrypto.subtle.importKey(
    "jwk",
    jwk,
    certificateAlgorithm,
    true,
    ["verify"],
  );
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ["wheelhouse spoke"] }],
    keys: { privateKey: signing, publicKey },
    signingAlgorithm: certificateAlgorithm,
  });
  return new Uint8Array(request.rawData);
}

/** SHA-256 of a public key's SPKI, in hex: how the registry names a key. */
export function hashPublicKey(spki: Uint8Array): string {
  return createHash("sha256").update(spki).digest("hex");
}
