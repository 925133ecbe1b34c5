import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const yearMs = 365 * 24 * 60 * 60 * 1000;

/** A certificate authority with a server certificate for loopback, all in PEM. */
export interface ServerIdentity {
  readonly caCert: string;
  readonly cert: string;
  readonly key: string;
  /** Issues a client certificate for a user name. */
  issueClient(user: string): Promise<{ cert: string; key: string }>;
}

let shared: Promise<ServerIdentity> | undefined;

/** The process's one identity: all simulated clusters in it share their authority. */
export function sharedIdentity(now: number): Promise<ServerIdentity> {
  shared ??= createIdentity(now);
  return shared;
}

async function createIdentity(now: number): Promise<ServerIdentity> {
  x509.cryptoProvider.set(webcrypto as never);
  const keys = await generateKeys();
  const validity = {
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + yearMs),
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=simulated-cluster-ca",
    ...validity,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  let serial = 2;
  const issue = async (subject: string, extensions: x509.Extension[]) => {
    const own = await generateKeys();
    const cert = await x509.X509CertificateGenerator.create({
      serialNumber: (serial++).toString(16).padStart(2, "0"),
      subject,
      issuer: ca.subject,
      ...validity,
      signingAlgorithm: algorithm,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        ...extensions,
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return { cert: cert.toString("pem"), key: await exportKey(own.privateKey) };
  };
  const server = await issue("CN=simulated-cluster", [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension([
      { type: "dns", value: "localhost" },
      { type: "ip", value: "127.0.0.1" },
    ]),
  ]);
  return {
    caCert: ca.toString("pem"),
    ...server,
    issueClient: (user) =>
      issue(`CN=${user}`, [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ]),
  };
}

const generateKeys = () =>
  webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey("pkcs8", key);
  return x509.PemConverter.encode(bytes, "PRIVATE KEY");
}
