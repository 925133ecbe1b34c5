import { chmod, readFile, writeFile } from "node:fs/promises";
import { type Clock } from "@wheelhouse/clock";
import {
  type Credential,
  type CredentialStore,
  type JournalEntry,
} from "@wheelhouse/hub-store";
import { type Role, type TokenView } from "@wheelhouse/rest-api";
import {
  createBearerToken,
  createLoginCode,
  hashSecret,
} from "@wheelhouse/trust";
import { isoNow } from "../iso-now.ts";

/** Who asks, and by which credential. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  /** Hash of the credential, for logout. */
  readonly credential: string;
  /** A cookie speaks by itself, so it needs proof that the page asked. */
  readonly byCookie: boolean;
}

const dayMs = 86_400_000;
/** How long tokens live: at most, and unless asked otherwise. */
export const maxTokenMs = 90 * dayMs;
const defaultTokenMs = 30 * dayMs;
/** How long a page stays logged in. */
export const sessionMs = dayMs / 2;

/** A logged-in page: the cookie's secret, once. */
export interface OpenedSession {
  readonly secret: string;
  readonly name: string;
  readonly role: Role;
}

/** What came of a token that was to be deleted. */
export type TokenDeletion = "deleted" | "unknown" | "lastAdmin";

/** Tokens, login codes and sessions: made here, kept as hashes. */
export class People {
  readonly #store: CredentialStore;
  readonly #clock: Clock;
  #deleting: Promise<unknown> = Promise.resolve();

  constructor(store: CredentialStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Whom a secret stands for; null for nobody. */
  async identify(
    secret: string,
    kind: "token" | "session",
  ): Promise<Principal | null> {
    const hash = hashSecret(secret);
    const found = await this.#store.find(hash, isoNow(this.#clock));
    if (found?.kind !== kind) return null;
    const { name, role } = found;
    return { name, role, credential: hash, byCookie: kind === "session" };
  }

  /** Whether a principal's credential still holds. */
  async isValid({ credential }: Principal): Promise<boolean> {
    const found = await this.#store.find(credential, isoNow(this.#clock));
    return found !== null;
  }

  /** Opens a session for a one-time code or a token; null where neither is good. */
  async openSession(by: {
    readonly code?: string | undefined;
    readonly token?: string | undefined;
  }): Promise<OpenedSession | null> {
    const now = isoNow(this.#clock);
    const found =
      by.code !== undefined
        ? await this.#store.consumeCode(hashSecret(by.code), now)
        : await this.#store.find(hashSecret(by.token ?? ""), now);
    if (found === null || found.kind === "session") return null;
    const { text, hash } = createBearerToken();
    const { name, role } = found;
    const endMs = Math.min(
      this.#clock.nowMs() + sessionMs,
      found.kind === "token" ? Date.parse(found.expiresAt) : Infinity,
    );
    await this.#store.add(
      { hash, kind: "session", name, role, ...this.#times(endMs) },
      [this.#line(name, "LoggedIn", `Principal/${name}`, "")],
    );
    await this.#store.deleteExpired(now);
    return { secret: text, name, role };
  }

  closeSession({ credential }: Principal): Promise<void> {
    return this.#store.deleteSession(credential);
  }

  /** Makes a token; null where one of that name is there. */
  async createToken(
    by: string,
    request: {
      readonly name: string;
      readonly role: Role;
      readonly expiresInMs?: number | undefined;
    },
  ): Promise<(TokenView & { readonly token: string }) | null> {
    const { name, role, expiresInMs = defaultTokenMs } = request;
    const { text, hash } = createBearerToken();
    const endMs = this.#clock.nowMs() + Math.min(expiresInMs, maxTokenMs);
    const times = this.#times(endMs);
    await this.#store.deleteExpired(isoNow(this.#clock));
    const added = await this.#store.add(
      { hash, kind: "token", name, role, ...times },
      [this.#line(by, "TokenCreated", `Token/${name}`, `role ${role}`)],
    );
    return added ? { name, role, ...times, token: text } : null;
  }

  async listTokens(): Promise<readonly TokenView[]> {
    const now = isoNow(this.#clock);
    const tokens = await this.#store.listTokens();
    return tokens.filter(({ expiresAt }) => expiresAt > now).map(viewOf);
  }

  /** Ends a token and its sessions at once; the last one of an admin stays, since without it nobody could make another. */
  deleteToken(by: string, name: string): Promise<TokenDeletion> {
    // One after the other, or of two admins each could delete the other.
    const deletion = this.#deleting.then(() => this.#deleteToken(by, name));
    this.#deleting = deletion.catch(() => undefined);
    return deletion;
  }

  async #deleteToken(by: string, name: string): Promise<TokenDeletion> {
    const tokens = await this.listTokens();
    const admins = tokens.filter(({ role }) => role === "admin");
    if (admins.length === 1 && admins[0]?.name === name) return "lastAdmin";
    const isDeleted = await this.#store.deleteToken(name, [
      this.#line(by, "TokenDeleted", `Token/${name}`, ""),
    ]);
    return isDeleted ? "deleted" : "unknown";
  }

  /** A code for a login link, good once and for so long, in the name and role of the admin. */
  async createLoginCode(lifeMs: number): Promise<string> {
    const { text, hash } = createLoginCode();
    const times = this.#times(this.#clock.nowMs() + lifeMs);
    const code = { hash, kind: "code", name: "admin", role: "admin" } as const;
    await this.#store.add({ ...code, ...times }, []);
    return text;
  }

  /** Writes a token of the admin to `file` (0600), unless an admin's token is good already, in that file or with anybody: who takes the file away has not lost it. */
  async ensureAdminToken(file: string): Promise<void> {
    const text = await readFile(file, "utf8").catch(() => "");
    const known = await this.identify(text.trim(), "token");
    if (known !== null || (await this.#hasAdmin())) return;
    await this.deleteToken("wheelhouse", "admin");
    const made = await this.createToken("wheelhouse", {
      name: "admin",
      role: "admin",
      expiresInMs: maxTokenMs,
    });
    if (made === null) throw new Error("the admin token cannot be made");
    await writeFile(file, `${made.token}\n`, { mode: 0o600 });
    await chmod(file, 0o600);
  }

  async #hasAdmin(): Promise<boolean> {
    return (await this.listTokens()).some(({ role }) => role === "admin");
  }

  #times(endMs: number) {
    return {
      createdAt: isoNow(this.#clock),
      expiresAt: new Date(endMs).toISOString(),
    };
  }

  #line(
    actor: string,
    action: string,
    subject: string,
    message: string,
  ): JournalEntry {
    return { at: isoNow(this.#clock), actor, action, subject, message };
  }
}

function viewOf({ name, role, createdAt, expiresAt }: Credential): TokenView {
  return { name, role, createdAt, expiresAt };
}
