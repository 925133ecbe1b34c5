import { canonicalJson } from "@wheelhouse/kube-object";
import { isSignedBy, signBytes } from "./ed25519.ts";
import { type RootPin, parseJsonText } from "./root-pin.ts";

/** What the root lends a hub for one epoch. */
export interface Delegation {
  readonly format: 1;
  readonly fleet: string;
  /** From 1; a hub that is restored or rebuilt needs a higher one. */
  readonly epoch: number;
  /** The hub's Ed25519 key for assignments: SPKI in base64. */
  readonly signingKey: string;
  /** The hub's intermediate certificate: DER in base64. */
  readonly intermediate: string;
  /** RFC 3339, at most a year after it was made. */
  readonly notAfter: string;
}

/** The text in front of a delegation's bytes when they are signed. */
export const delegationSignatureDomain = "wheelhouse.dev/delegation/v1\n";

/** How long a delegation lives: a year. */
export const delegationLifetimeMs = 365 * 86_400_000;

const signatureBytes = 64;

/** Signs a delegation with the root's Ed25519 key (PEM). The result is 64 bytes of signature, then the canonical JSON that it is over. */
export function signDelegation(
  delegation: Delegation,
  delegationKey: string,
): Uint8Array {
  const bytes = Buffer.from(canonicalJson({ ...delegation }), "utf8");
  const signature = signBytes(delegationKey, delegationSignatureDomain, bytes);
  return Buffer.concat([signature, bytes]);
}

/** Verifies a signed delegation against the pinned root; undefined where the signature does not fit or the content is none. The end of its life is the caller's to judge. */
export function verifyDelegation(
  signed: Uint8Array,
  pin: RootPin,
): Delegation | undefined {
  const signature = signed.subarray(0, signatureBytes);
  const bytes = signed.subarray(signatureBytes);
  return isSignedBy(
    pin.delegationKey,
    delegationSignatureDomain,
    bytes,
    signature,
  )
    ? readDelegation(signed)
    : undefined;
}

/** Reads a delegation without verifying it: for one that was verified before. */
export function readDelegation(signed: Uint8Array): Delegation | undefined {
  const text = Buffer.from(signed.subarray(signatureBytes)).toString("utf8");
  const value = parseJsonText(text);
  return isDelegation(value) ? value : undefined;
}

function isDelegation(value: unknown): value is Delegation {
  if (typeof value !== "object" || value === null) return false;
  const { format, fleet, epoch, signingKey, intermediate, notAfter } =
    value as Record<string, unknown>;
  return (
    format === 1 &&
    [fleet, signingKey, intermediate].every(
      (text) => typeof text === "string",
    ) &&
    typeof epoch === "number" &&
    Number.isSafeInteger(epoch) &&
    epoch >= 1 &&
    typeof notAfter === "string" &&
    !Number.isNaN(Date.parse(notAfter))
  );
}
