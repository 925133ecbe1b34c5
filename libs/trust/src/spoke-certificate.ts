import { createPublicKey, verify } from "node:crypto";
import { type HubKeys } from "./hub-keys.ts";
import { isFleetName } from "./root-pin.ts";
import { hashPublicKey } from "./spoke-key.ts";
import {
  importSigningKey,
  leafExtensions,
  signCertificate,
  x509,
} from "./x509.ts";

/** Whom a spoke's certificate names, and its key. */
export interface SpokeIdentity {
  readonly fleet: string;
  readonly cluster: string;
  readonly uid: string;
  /** SHA-256 of the public key's SPKI, hex. */
  readonly keyHash: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What a certificate is issued from: the registry, never the request. */
export interface SpokeCertificateFacts {
  readonly cluster: string;
  readonly uid: string;
  /** The public key, SPKI in DER, as `readCertificateRequest` returned it. */
  readonly publicKey: Uint8Array;
  readonly nowMs: number;
  /** 24 h by default; never beyond the intermediate's own end. */
  readonly lifetimeMs?: number;
}

/** A certificate as it is handed out. */
export interface IssuedCertificate {
  /** DER: the leaf, then the intermediate. */
  readonly chain: readonly Uint8Array[];
  readonly keyHash: string;
  readonly notAfterMs: number;
}

/** How long a spoke's certificate lives: a day. */
export const spokeCertificateLifetimeMs = 86_400_000;

const uidPattern = /^[A-Za-z0-9-]{1,64}$/;
const clusterPattern = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Issues a spoke's certificate. Throws where the registry's own facts could not stand in one. */
export async function issueSpokeCertificate(
  keys: HubKeys,
  facts: SpokeCertificateFacts,
): Promise<IssuedCertificate> {
  const { fleet } = keys.delegation;
  if (!uidPattern.test(facts.uid) || !clusterPattern.test(facts.cluster)) {
    throw new Error(`${facts.cluster}: name or uid cannot be certified`);
  }
  const issuer = new x509.X509Certificate(keys.intermediateCertificate);
  const publicKey = new x509.PublicKey(new Uint8Array(facts.publicKey));
  const notAfterMs = Math.min(
    facts.nowMs + (facts.lifetimeMs ?? spokeCertificateLifetimeMs),
    issuer.notAfter.getTime(),
  );
  const leaf = await signCertificate({
    subject: subjectOf(fleet, facts.cluster),
    issuer: issuer.subjectName.toJSON(),
    publicKey,
    issuerKey: issuer.publicKey,
    signingKey: await importSigningKey(keys.intermediateKey),
    nowMs: facts.nowMs,
    notAfterMs,
    extensions: leafExtensions("client", namesOf(fleet, facts)),
  });
  return {
    chain: [new Uint8Array(leaf.rawData), new Uint8Array(issuer.rawData)],
    keyHash: hashPublicKey(facts.publicKey),
    notAfterMs: leaf.notAfter.getTime(),
  };
}

/** The subject is for people; a name in it longer than X.509 allows is cut. */
function subjectOf(fleet: string, cluster: string): x509.JsonName {
  return [{ CN: [cluster.slice(0, 64)] }, { O: [fleet] }];
}

function namesOf(
  fleet: string,
  { uid, cluster }: { uid: string; cluster: string },
): x509.JsonGeneralNames {
  return [
    { type: "url", value: `wheelhouse://${fleet}/cluster/${uid}` },
    { type: "url", value: `wheelhouse://${fleet}/name/${cluster}` },
  ];
}

/**
 * Reads whom a certificate names: exactly two URIs, whole, and for a client.
 * Undefined for anything else. That it leads to the root is checked before,
 * by TLS or `readRenewalChain`.
 */
export function readSpokeIdentity(der: Uint8Array): SpokeIdentity | undefined {
  const certificate = parseCertificate(der);
  if (certificate === undefined || !isClientLeaf(certificate)) return undefined;
  const names = certificate
    .getExtension(x509.SubjectAlternativeNameExtension)
    ?.names.toJSON();
  const [first, second, ...others] = names ?? [];
  if (first?.type !== "url" || second?.type !== "url" || others.length > 0) {
    return undefined;
  }
  const [, fleet = "", uid = ""] =
    /^wheelhouse:\/\/([^/]+)\/cluster\/([^/]+)$/.exec(first.value) ?? [];
  const [, sameFleet, cluster = ""] =
    /^wheelhouse:\/\/([^/]+)\/name\/([^/]+)$/.exec(second.value) ?? [];
  return isFleetName(fleet) &&
    fleet === sameFleet &&
    uidPattern.test(uid) &&
    clusterPattern.test(cluster)
    ? {
        fleet,
        cluster,
        uid,
        keyHash: hashPublicKey(new Uint8Array(certificate.publicKey.rawData)),
        notBeforeMs: certificate.notBefore.getTime(),
        notAfterMs: certificate.notAfter.getTime(),
      }
    : undefined;
}

/** Reads a certificate; undefined where the bytes are none. */
export function parseCertificate(
  der: Uint8Array,
): x509.X509Certificate | undefined {
  try {
    return new x509.X509Certificate(new Uint8Array(der));
  } catch {
    return undefined;
  }
}

function isClientLeaf(certificate: x509.X509Certificate): boolean {
  const usages = certificate.getExtension(x509.ExtendedKeyUsageExtension);
  const constraints = certificate.getExtension(x509.BasicConstraintsExtension);
  return (
    constraints?.ca === false &&
    usages?.usages.length === 1 &&
    usages.usages[0] === x509.ExtendedKeyUsage.clientAuth
  );
}

/** What a request for a certificate yields: its public key, or what is wrong with it. */
export type CertificateRequestResult =
  | { readonly ok: true; readonly publicKey: Uint8Array }
  | { readonly ok: false; readonly problem: string };

/** Reads a request: it must be signed by its own key, which must be on P-256. Nothing else in it is looked at. */
export async function readCertificateRequest(
  der: Uint8Array,
): Promise<CertificateRequestResult> {
  try {
    const request = new x509.Pkcs10CertificateRequest(new Uint8Array(der));
    const publicKey = readP256(new Uint8Array(request.publicKey.rawData));
    if (publicKey === undefined) {
      return { ok: false, problem: "certificate request: key is not P-256" };
    }
    if (await request.verify()) return { ok: true, publicKey };
  } catch {
    return { ok: false, problem: "certificate request: cannot be read" };
  }
  return { ok: false, problem: "certificate request: not signed by its key" };
}

/** A P-256 key in its one usual encoding, or undefined for any other key. A point off the curve is none. */
function readP256(spki: Uint8Array): Uint8Array | undefined {
  const key = createPublicKey({
    key: Buffer.from(spki),
    type: "spki",
    format: "der",
  });
  const isP256 =
    key.asymmetricKeyType === "ec" &&
    key.asymmetricKeyDetails?.namedCurve === "prime256v1";
  if (!isP256) return undefined;
  const encoded = key.export({ type: "spki", format: "der" });
  return encoded.equals(spki) ? encoded : undefined;
}

/** Whether a signature (ECDSA with SHA-256 in DER) is by the key of a certificate. */
export function isSignedByCertificate(
  certificate: Uint8Array,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  const parsed = parseCertificate(certificate);
  if (parsed === undefined) return false;
  const key = createPublicKey({
    key: Buffer.from(parsed.publicKey.rawData),
    type: "spki",
    format: "der",
  });
  return verify("sha256", bytes, key, signature);
}
