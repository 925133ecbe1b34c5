import { type Digest, digestOfJson } from "@wheelhouse/assignment";

/** What a spoke trusts, and nothing else: it is given with the join token. */
export interface RootPin {
  readonly format: 1;
  readonly fleet: string;
  /** The root's certificate, PEM. */
  readonly certificate: string;
  /** The root's Ed25519 public key for delegations: SPKI in base64. */
  readonly delegationKey: string;
}

/** The digest by which a join token names its pin. */
export function pinFingerprint(pin: RootPin): Digest {
  return digestOfJson({ ...pin });
}

/** A pin as a file's text. */
export function formatRootPin(pin: RootPin): string {
  return `${JSON.stringify(pin, undefined, 2)}\n`;
}

/** Reads a pin; undefined where the text is none. */
export function parseRootPin(text: string): RootPin | undefined {
  const value = parseJsonText(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { format, fleet, certificate, delegationKey } = value as Record<
    string,
    unknown
  >;
  return format === 1 &&
    typeof fleet === "string" &&
    typeof certificate === "string" &&
    typeof delegationKey === "string"
    ? { format, fleet, certificate, delegationKey }
    : undefined;
}

/** JSON that may be anything, or undefined where it is none. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const fleetName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Whether a text can name a fleet: a DNS label, so that it fits into every certificate as it is. */
export function isFleetName(text: string): boolean {
  return fleetName.test(text);
}
