import {
  type Credential,
  type CredentialKind,
  type CredentialRole,
  type CredentialStore,
} from "../credential-store.ts";
import { type JournalEntry } from "../journal.ts";
import { type Schema } from "./schema.ts";
import { type Db, change } from "./sqlite-database.ts";

/** Credentials in SQLite. */
export class SqliteCredentialStore implements CredentialStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  add(
    credential: Credential,
    journal: readonly JournalEntry[],
  ): Promise<boolean> {
    return change(
      this.#db,
      journal,
      async (db) => {
        const added = await db
          .insertInto("credential")
          .values({
            hash: credential.hash,
            kind: credential.kind,
            name: credential.name,
            role: credential.role,
            created_at: credential.createdAt,
            expires_at: credential.expiresAt,
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return added.numInsertedOrUpdatedRows === 1n;
      },
      (isAdded) => !isAdded,
    );
  }

  async find(hash: string, now: string): Promise<Credential | null> {
    const row = await this.#db
      .selectFrom("credential")
      .selectAll()
      .where("hash", "=", hash)
      .where("kind", "!=", "code")
      .where("expires_at", ">", now)
      .executeTakeFirst();
    return row === undefined ? null : credentialOf(row);
  }

  async consumeCode(hash: string, now: string): Promise<Credential | null> {
    const row = await this.#db
      .deleteFrom("credential")
      .where("hash", "=", hash)
      .where("kind", "=", "code")
      .where("expires_at", ">", now)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : credentialOf(row);
  }

  async listTokens(): Promise<readonly Credential[]> {
    const rows = await this.#db
      .selectFrom("credential")
      .selectAll()
      .where("kind", "=", "token")
      .orderBy("name")
      .execute();
    return rows.map(credentialOf);
  }

  deleteToken(
    name: string,
    journal: readonly JournalEntry[],
  ): Promise<boolean> {
    return change(
      this.#db,
      journal,
      async (db) => {
        const deleted = await db
          .deleteFrom("credential")
          .where("name", "=", name)
          .where("kind", "=", "token")
          .executeTakeFirst();
        if (deleted.numDeletedRows === 0n) return false;
        await db
          .deleteFrom("credential")
          .where("name", "=", name)
          .where("kind", "=", "session")
          .execute();
        return true;
      },
      (isDeleted) => !isDeleted,
    );
  }

  async deleteSession(hash: string): Promise<void> {
    await this.#db
      .deleteFrom("credential")
      .where("hash", "=", hash)
      .where("kind", "=", "session")
      .execute();
  }

  async deleteExpired(now: string): Promise<void> {
    await this.#db
      .deleteFrom("credential")
      .where("expires_at", "<=", now)
      .execute();
  }
}

function credentialOf(row: Schema["credential"]): Credential {
  return {
    hash: row.hash,
    kind: row.kind as CredentialKind,
    name: row.name,
    role: row.role as CredentialRole,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
