import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import {
  type Delegation,
  delegationLifetimeMs,
  signDelegation,
  verifyDelegation,
} from "./delegation.ts";
import { createSigningKeyPair } from "./ed25519.ts";
import { type FleetRoot, pinOf } from "./fleet-root.ts";
import { type RootPin, parseJsonText, parseRootPin } from "./root-pin.ts";
import {
  createSecretFile,
  ensureSecretDirectory,
  replaceSecretFile,
} from "./secret-file.ts";
import {
  authorityExtensions,
  createCertificateKey,
  importSigningKey,
  signCertificate,
  writePemChain,
  x509,
} from "./x509.ts";

/** What a hub holds online: enough to sign and to issue within its delegation, and not to make another. */
export interface HubKeys {
  readonly pin: RootPin;
  readonly delegation: Delegation;
  /** The delegation as it travels with each assignment. */
  readonly signedDelegation: Uint8Array;
  /** Ed25519, PEM. */
  readonly signingKey: string;
  /** PEM. */
  readonly intermediateCertificate: string;
  /** P-256, PEM. */
  readonly intermediateKey: string;
}

/** The files of one epoch's keys, in the folder `epoch-<n>`. */
const files = {
  delegation: "delegation.bin",
  signingKey: "signing-key.pem",
  intermediateKey: "intermediate-key.pem",
} as const;

/** The file that says which epoch's keys are in use, and what the root is. */
const fleetFile = "fleet.json";

/** Makes the keys of an epoch and has the root sign for them. */
export async function createHubKeys(
  root: FleetRoot,
  epoch: number,
  nowMs: number,
): Promise<HubKeys> {
  const notAfterMs = nowMs + delegationLifetimeMs;
  const intermediate = await createIntermediate(root, epoch, nowMs, notAfterMs);
  const signing = createSigningKeyPair();
  const delegation: Delegation = {
    format: 1,
    fleet: root.fleet,
    epoch,
    signingKey: signing.publicKey,
    intermediate: Buffer.from(intermediate.certificate.rawData).toString(
      "base64",
    ),
    notAfter: new Date(notAfterMs).toISOString(),
  };
  return {
    pin: pinOf(root),
    delegation,
    signedDelegation: signDelegation(delegation, root.delegationKey),
    signingKey: signing.privateKey,
    intermediateCertificate: intermediate.certificate.toString("pem"),
    intermediateKey: intermediate.privateKey,
  };
}

async function createIntermediate(
  root: FleetRoot,
  epoch: number,
  nowMs: number,
  notAfterMs: number,
) {
  const { keys, privateKey } = await createCertificateKey();
  const issuer = new x509.X509Certificate(root.certificate);
  const certificate = await signCertificate({
    subject: [
      { CN: [`${root.fleet} hub, epoch ${epoch}`] },
      { O: [root.fleet] },
    ],
    issuer: issuer.subjectName.toJSON(),
    publicKey: keys.publicKey,
    issuerKey: issuer.publicKey,
    signingKey: await importSigningKey(root.certificateKey),
    nowMs,
    notAfterMs,
    extensions: authorityExtensions(0),
  });
  return { certificate, privateKey };
}

/** Writes an epoch's keys whole or not at all: into a folder that is put in its place when it is complete, and named by `fleet.json` as the last step. False where the epoch's folder is there already. Throws where the files cannot be written, and leaves none. */
export async function writeHubKeys(
  directory: string,
  keys: HubKeys,
): Promise<boolean> {
  await ensureSecretDirectory(directory);
  const { epoch } = keys.delegation;
  const folder = epochFolder(directory, epoch);
  const next = await mkdtemp(path.join(directory, `.epoch-${epoch}-`));
  let isPlaced = false;
  try {
    await writeKeyFiles(next, keys);
    isPlaced = await place(next, folder);
    if (isPlaced) await writeFleetFile(directory, keys);
  } catch (error) {
    if (isPlaced) await rm(folder, { recursive: true });
    throw error;
  } finally {
    await rm(next, { recursive: true, force: true });
  }
  return isPlaced;
}

async function writeKeyFiles(folder: string, keys: HubKeys): Promise<void> {
  const contents = [
    [files.delegation, keys.signedDelegation],
    [files.signingKey, keys.signingKey],
    [files.intermediateKey, keys.intermediateKey],
  ] as const;
  for (const [name, content] of contents) {
    await createSecretFile(path.join(folder, name), content);
  }
}

/** Puts a folder in its place; false where a folder with files is there. */
async function place(next: string, folder: string): Promise<boolean> {
  try {
    await rename(next, folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

function writeFleetFile(directory: string, keys: HubKeys): Promise<void> {
  return replaceSecretFile(
    path.join(directory, fleetFile),
    `${JSON.stringify({ format: 1, epoch: keys.delegation.epoch, pin: keys.pin }, undefined, 2)}\n`,
  );
}

/** Where an epoch's keys lie in a hub's folder. */
export function epochFolder(directory: string, epoch: number): string {
  return path.join(directory, `epoch-${epoch}`);
}

/** Which epoch a hub's folder is at; undefined where there is none. */
export async function readHubEpoch(
  directory: string,
): Promise<{ epoch: number; pin: RootPin } | undefined> {
  const text = await readFile(path.join(directory, fleetFile), "utf8").catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    },
  );
  if (text === undefined) return undefined;
  const value = parseJsonText(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { epoch, pin } = value as Record<string, unknown>;
  const read = parseRootPin(JSON.stringify(pin) ?? "");
  return typeof epoch === "number" && read !== undefined
    ? { epoch, pin: read }
    : undefined;
}

/** What reading a hub's keys yields; the problem says what a person can do. */
export type HubKeysResult =
  | { readonly ok: true; readonly keys: HubKeys }
  | { readonly ok: false; readonly problem: string };

/** Reads a hub's online keys, and checks that the delegation in use is the root's and for these keys' epoch. */
export async function readHubKeys(directory: string): Promise<HubKeysResult> {
  const at = await readHubEpoch(directory);
  if (at === undefined) {
    return {
      ok: false,
      problem: `${directory}: no fleet here; run wheelhouse init`,
    };
  }
  const folder = epochFolder(directory, at.epoch);
  const signedDelegation = await readFile(path.join(folder, files.delegation));
  const delegation = verifyDelegation(signedDelegation, at.pin);
  if (delegation === undefined || delegation.epoch !== at.epoch) {
    return {
      ok: false,
      problem: `${folder}: the delegation is not the root's; run wheelhouse hub delegate`,
    };
  }
  return {
    ok: true,
    keys: {
      pin: at.pin,
      delegation,
      signedDelegation,
      signingKey: await readFile(path.join(folder, files.signingKey), "utf8"),
      intermediateKey: await readFile(
        path.join(folder, files.intermediateKey),
        "utf8",
      ),
      intermediateCertificate: writePemChain([
        Buffer.from(delegation.intermediate, "base64"),
      ]),
    },
  };
}
