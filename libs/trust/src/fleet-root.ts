import { readFile } from "node:fs/promises";
import { createSigningKeyPair, publicKeyOf } from "./ed25519.ts";
import { type RootPin, parseJsonText } from "./root-pin.ts";
import { createSecretFile } from "./secret-file.ts";
import {
  authorityExtensions,
  createCertificateKey,
  signCertificate,
} from "./x509.ts";

/** The fleet's root: the one thing that must be kept, and kept away from the hub. */
export interface FleetRoot {
  readonly format: 1;
  readonly fleet: string;
  /** Its certificate, PEM. */
  readonly certificate: string;
  /** P-256, PKCS #8 in PEM: signs intermediates. */
  readonly certificateKey: string;
  /** Ed25519, PKCS #8 in PEM: signs delegations. */
  readonly delegationKey: string;
}

/** How long a root lives: 20 years. */
const rootLifetimeMs = 20 * 365 * 86_400_000;

/** Makes a root; `nowMs` is when it begins. */
export async function createFleetRoot(
  fleet: string,
  nowMs: number,
): Promise<FleetRoot> {
  const { keys, privateKey } = await createCertificateKey();
  const name = [{ CN: [`${fleet} root`] }, { O: [fleet] }];
  const certificate = await signCertificate({
    subject: name,
    issuer: name,
    publicKey: keys.publicKey,
    issuerKey: keys.publicKey,
    signingKey: keys.privateKey,
    nowMs,
    notAfterMs: nowMs + rootLifetimeMs,
    extensions: authorityExtensions(1),
  });
  return {
    format: 1,
    fleet,
    certificate: certificate.toString("pem"),
    certificateKey: privateKey,
    delegationKey: createSigningKeyPair().privateKey,
  };
}

/** What spokes pin of a root. */
export function pinOf(root: FleetRoot): RootPin {
  return {
    format: 1,
    fleet: root.fleet,
    certificate: root.certificate,
    delegationKey: publicKeyOf(root.delegationKey),
  };
}

/** Writes a root as a file that only its owner can read. False where one is there: a root is never overwritten. */
export function writeFleetRoot(
  file: string,
  root: FleetRoot,
): Promise<boolean> {
  return createSecretFile(file, `${JSON.stringify(root, undefined, 2)}\n`);
}

/** Reads a root file; undefined where it is none. Throws where it cannot be read. */
export async function readFleetRoot(
  file: string,
): Promise<FleetRoot | undefined> {
  const value = parseJsonText(await readFile(file, "utf8"));
  return isFleetRoot(value) ? value : undefined;
}

function isFleetRoot(value: unknown): value is FleetRoot {
  return (
    typeof value === "object" &&
    value !== null &&
    "format" in value &&
    value.format === 1 &&
    ["fleet", "certificate", "certificateKey", "delegationKey"].every(
      (key) => typeof (value as Record<string, unknown>)[key] === "string",
    )
  );
}
