import { createHash, randomBytes } from "node:crypto";
import { type Digest, isDigest } from "@wheelhouse/assignment";

const secretBytes = 32;
const joinPrefix = "whj";

/** A join token as the hub makes it: the text for the spoke, the hash for the store. */
export interface JoinToken {
  /** `whj.<secret, base64url>.<fingerprint of the root pin, hex>`. */
  readonly text: string;
  /** SHA-256 of the secret, hex: all that is kept. */
  readonly hash: string;
}

/** Makes a join token of 256 random bits that names the pin it is for. */
export function createJoinToken(fingerprint: Digest): JoinToken {
  const secret = randomBytes(secretBytes);
  const hex = fingerprint.slice("sha256:".length);
  return {
    text: `${joinPrefix}.${secret.toString("base64url")}.${hex}`,
    hash: hashSecret(secret),
  };
}

/** Reads a join token; undefined where the text is none. */
export function parseJoinToken(
  text: string,
): { secret: Uint8Array; fingerprint: Digest } | undefined {
  const [prefix, secretText, hex, ...rest] = text.trim().split(".");
  const secret = Buffer.from(secretText ?? "", "base64url");
  const fingerprint = `sha256:${hex ?? ""}`;
  return prefix === joinPrefix &&
    rest.length === 0 &&
    secret.length === secretBytes &&
    isDigest(fingerprint)
    ? { secret, fingerprint }
    : undefined;
}

/** A token or code for people and programs: the text once, the hash for the store. */
export interface BearerToken {
  readonly text: string;
  readonly hash: string;
}

/** Makes a bearer token: `wh_` and 256 random bits. */
export function createBearerToken(): BearerToken {
  return tokenWith("wh_");
}

/** Makes a one-time login code: `whl_` and 256 random bits, fit for a link. */
export function createLoginCode(): BearerToken {
  return tokenWith("whl_");
}

function tokenWith(prefix: string): BearerToken {
  const text = `${prefix}${randomBytes(secretBytes).toString("base64url")}`;
  return { text, hash: hashSecret(text) };
}

/** SHA-256 in hex. The secrets are random and long, so a slow hash would add nothing. */
export function hashSecret(secret: Uint8Array | string): string {
  return createHash("sha256").update(secret).digest("hex");
}
