import { isIP } from "node:net";
import { type HubKeys } from "./hub-keys.ts";
import {
  createCertificateKey,
  importSigningKey,
  leafExtensions,
  signCertificate,
  x509,
} from "./x509.ts";

/** A hub's certificate towards its spokes. */
export interface ServerCertificate {
  /** PEM: the leaf, then the intermediate. */
  readonly certificateChain: string;
  /** PEM. */
  readonly privateKey: string;
  readonly notAfterMs: number;
}

/** Names by which a hub is always reached on its own machine. */
const localNames = ["localhost", "127.0.0.1", "::1"] as const;

/** How long a hub's certificate lives; a new one is made at each start. */
const serverLifetimeMs = 90 * 86_400_000;

/** Issues a hub's certificate with a new key for host names and addresses, beside those of the own machine. */
export async function issueServerCertificate(
  keys: HubKeys,
  names: readonly string[],
  nowMs: number,
): Promise<ServerCertificate> {
  const { fleet } = keys.delegation;
  const issuer = new x509.X509Certificate(keys.intermediateCertificate);
  const own = await createCertificateKey();
  const leaf = await signCertificate({
    subject: [{ CN: ["wheelhouse hub"] }, { O: [fleet] }],
    issuer: issuer.subjectName.toJSON(),
    publicKey: own.keys.publicKey,
    issuerKey: issuer.publicKey,
    signingKey: await importSigningKey(keys.intermediateKey),
    nowMs,
    notAfterMs: Math.min(nowMs + serverLifetimeMs, issuer.notAfter.getTime()),
    extensions: leafExtensions("server", [
      { type: "url", value: `wheelhouse://${fleet}/hub` },
      ...[...new Set([...localNames, ...names])].map(generalName),
    ]),
  });
  return {
    certificateChain: `${leaf.toString("pem")}\n${keys.intermediateCertificate}`,
    privateKey: own.privateKey,
    notAfterMs: leaf.notAfter.getTime(),
  };
}

function generalName(name: string) {
  return isIP(name) === 0
    ? ({ type: "dns", value: name } as const)
    : ({ type: "ip", value: name } as const);
}
