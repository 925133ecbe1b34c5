import {
  type KeyObject,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from "node:crypto";

/** An Ed25519 key pair: the private key as PKCS #8 in PEM, the public one as SPKI in base64. */
export interface SigningKeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Makes an Ed25519 key pair. */
export function createSigningKeyPair(): SigningKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: encodePublicKey(publicKey),
  };
}

/** The public key of a private one, as SPKI in base64. */
export function publicKeyOf(privateKey: string): string {
  return encodePublicKey(createPublicKey(privateKey));
}

/** Signs a domain's text followed by bytes. */
export function signBytes(
  privateKey: string,
  domain: string,
  bytes: Uint8Array,
): Uint8Array {
  return sign(null, inDomain(domain, bytes), createPrivateKey(privateKey));
}

/** Whether a signature over a domain's text and bytes fits a public key (SPKI in base64). False for a key that is no Ed25519 key. */
export function isSignedBy(
  publicKey: string,
  domain: string,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = readPublicKey(publicKey);
  return (
    key !== undefined &&
    signature.length === 64 &&
    verify(null, inDomain(domain, bytes), key, signature)
  );
}

function inDomain(domain: string, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(domain, "utf8"), bytes]);
}

function encodePublicKey(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}

function readPublicKey(text: string): KeyObject | undefined {
  try {
    const key = createPublicKey({
      key: Buffer.from(text, "base64"),
      type: "spki",
      format: "der",
    });
    return key.asymmetricKeyType === "ed25519" ? key : undefined;
  } catch {
    return undefined;
  }
}
