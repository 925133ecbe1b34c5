// The library behind @peculiar/x509 looks for this when it is loaded.
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

/** The one kind of certificate key in a fleet. */
export const certificateAlgorithm = {
  name: "ECDSA",
  namedCurve: "P-256",
  hash: "SHA-256",
} as const;

/** How far before now a certificate begins, for clocks that run behind: at most this, and at most a tenth of its life, so that renewal still comes after its issue. */
export const clockSkewMs = 5 * 60_000;

/** A P-256 key pair with its private key in PEM. */
export interface CertificateKey {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly privateKey: string;
}

/** Makes a P-256 key pair. */
export async function createCertificateKey(): Promise<CertificateKey> {
  const keys = (await webcrypto.subtle.generateKey(certificateAlgorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { keys, privateKey: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
}

/** Reads a P-256 private key in PEM for signing. Throws where it is none. */
export function importSigningKey(
  privateKey: string,
): Promise<webcrypto.CryptoKey> {
  const pkcs8 = x509.PemConverter.decodeFirst(privateKey);
  return webcrypto.subtle.importKey(
    "pkcs8",
    pkcs8,
    certificateAlgorithm,
    true,
    ["sign"],
  ) as Promise<webcrypto.CryptoKey>;
}

/** What a certificate says, whoever signs it. */
export interface CertificateContent {
  readonly subject: x509.JsonName;
  readonly issuer: x509.JsonName;
  readonly publicKey: x509.PublicKeyType;
  readonly issuerKey: x509.PublicKeyType;
  readonly signingKey: webcrypto.CryptoKey;
  readonly nowMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly x509.Extension[];
}

/** Signs a certificate with a random serial number and both key identifiers. */
export async function signCertificate(
  content: CertificateContent,
): Promise<x509.X509Certificate> {
  const lifeMs = content.notAfterMs - content.nowMs;
  return x509.X509CertificateGenerator.create({
    serialNumber: createSerialNumber(),
    subject: content.subject,
    issuer: content.issuer,
    notBefore: new Date(content.nowMs - Math.min(clockSkewMs, lifeMs / 10)),
    notAfter: new Date(content.notAfterMs),
    signingAlgorithm: certificateAlgorithm,
    publicKey: content.publicKey,
    signingKey: content.signingKey,
    extensions: [
      ...content.extensions,
      await x509.SubjectKeyIdentifierExtension.create(content.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(content.issuerKey),
    ],
  });
}

/** 127 random bits, positive, as hex. */
function createSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

/** Extensions of a certificate that may issue others; `pathLength` says how many more below it. */
export function authorityExtensions(pathLength: number): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(
      x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
      true,
    ),
  ];
}

/** Extensions of a certificate that proves one side of a connection. */
export function leafExtensions(
  side: "client" | "server",
  names: x509.JsonGeneralNames,
): x509.Extension[] {
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([
      side === "client" ? clientAuth : serverAuth,
    ]),
    new x509.SubjectAlternativeNameExtension(names),
  ];
}

/** The DER of every certificate in a PEM text, in order. */
export function readPemChain(pem: string): Uint8Array[] {
  return x509.PemConverter.decode(pem).map((der) => new Uint8Array(der));
}

/** A PEM text of certificates, in order. */
export function writePemChain(chain: readonly Uint8Array[]): string {
  return chain
    .map((der) => `${x509.PemConverter.encode(der, "CERTIFICATE")}\n`)
    .join("");
}

export { x509 };
