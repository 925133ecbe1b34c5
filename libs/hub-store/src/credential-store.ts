import { type JournalEntry } from "./journal.ts";

/** `token`: a person's or program's; `session`: a page's cookie; `code`: a login link, good once. */
export type CredentialKind = "token" | "session" | "code";

/** What its bearer may do: read; decide on rollouts besides; or everything. */
export type CredentialRole = "viewer" | "operator" | "admin";

/** A credential by its hash; the secret is nowhere. */
export interface Credential {
  /** Hex SHA-256 of the secret. */
  readonly hash: string;
  readonly kind: CredentialKind;
  /** Whom it stands for. */
  readonly name: string;
  readonly role: CredentialRole;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** Who may ask. */
export interface CredentialStore {
  /** Adds one. False where a token of that name is there: names of tokens are unique. */
  add(
    credential: Credential,
    journal: readonly JournalEntry[],
  ): Promise<boolean>;
  /** One that has not ended at `now` (RFC 3339). Codes are not found, only consumed. */
  find(hash: string, now: string): Promise<Credential | null>;
  /** Takes a login code: of any number of callers exactly one gets it. */
  consumeCode(hash: string, now: string): Promise<Credential | null>;
  /** Tokens, sorted by name. */
  listTokens(): Promise<readonly Credential[]>;
  /** Ends a token and all sessions opened under its name. False where there is none. */
  deleteToken(name: string, journal: readonly JournalEntry[]): Promise<boolean>;
  deleteSession(hash: string): Promise<void>;
  /** Drops what ended before `now`. */
  deleteExpired(now: string): Promise<void>;
}
