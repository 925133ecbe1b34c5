import { type RootPin } from "./root-pin.ts";
import {
  type SpokeIdentity,
  parseCertificate,
  readSpokeIdentity,
} from "./spoke-certificate.ts";
import { x509 } from "./x509.ts";

/** How long after its end a certificate may still be renewed: 90 days. */
export const renewalGraceMs = 90 * 86_400_000;

/**
 * Reads a chain that asks for renewal: leaf, then intermediate, each signed
 * by the next and the last by the root, where the leaf ended at most 90 days
 * ago and never outlived its issuer. Undefined for any other.
 */
export async function readRenewalChain(
  pin: RootPin,
  chain: readonly Uint8Array[],
  nowMs: number,
): Promise<SpokeIdentity | undefined> {
  const [leaf, intermediate] = chain.map(parseCertificate);
  const [leafDer] = chain;
  if (leaf === undefined || intermediate === undefined || !leafDer) {
    return undefined;
  }
  const identity = readSpokeIdentity(leafDer);
  const root = new x509.X509Certificate(pin.certificate);
  const isInTime =
    leaf.notBefore.getTime() <= nowMs &&
    leaf.notAfter.getTime() + renewalGraceMs >= nowMs &&
    leaf.notAfter.getTime() <= intermediate.notAfter.getTime();
  const isLed =
    isAuthority(intermediate) &&
    (await isIssuedBy(leaf, intermediate)) &&
    (await isIssuedBy(intermediate, root));
  return isInTime && isLed && identity?.fleet === pin.fleet
    ? identity
    : undefined;
}

function isAuthority(certificate: x509.X509Certificate): boolean {
  const usages = certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  return (
    certificate.getExtension(x509.BasicConstraintsExtension)?.ca === true &&
    (usages & x509.KeyUsageFlags.keyCertSign) !== 0
  );
}

async function isIssuedBy(
  certificate: x509.X509Certificate,
  issuer: x509.X509Certificate,
): Promise<boolean> {
  return (
    certificate.issuer === issuer.subject &&
    (await certificate.verify({
      publicKey: await issuer.publicKey.export(),
      signatureOnly: true,
    }))
  );
}
