import { type HubStore } from "../hub-store.ts";
import { type Journal, type JournalEntry } from "../journal.ts";
import {
  SqliteArtifactStore,
  SqliteRenderCache,
} from "./sqlite-artifact-store.ts";
import { SqliteAssignmentStore } from "./sqlite-assignment-store.ts";
import { SqliteClusterRegistry } from "./sqlite-cluster-registry.ts";
import { SqliteCredentialStore } from "./sqlite-credential-store.ts";
import { type Db, change, openDatabase } from "./sqlite-database.ts";
import { SqliteOverrideStore } from "./sqlite-override-store.ts";
import { SqliteRevisionStore } from "./sqlite-revision-store.ts";
import { SqliteRolloutStore } from "./sqlite-rollout-store.ts";

/** Opens a store in one SQLite file, made and brought up to date as needed. Throws where another process holds it, or a newer hub made it. */
export async function openSqliteHubStore(options: {
  readonly file: string;
}): Promise<HubStore> {
  const db = await openDatabase(options.file);
  return {
    registry: new SqliteClusterRegistry(db),
    credentials: new SqliteCredentialStore(db),
    revisions: new SqliteRevisionStore(db),
    artifacts: new SqliteArtifactStore(db),
    renders: new SqliteRenderCache(db),
    assignments: new SqliteAssignmentStore(db),
    rollouts: new SqliteRolloutStore(db),
    overrides: new SqliteOverrideStore(db),
    journal: new SqliteJournal(db),
    close: () => db.destroy(),
  };
}

class SqliteJournal implements Journal {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  list({
    limit,
    before,
  }: {
    readonly limit: number;
    readonly before?: number;
  }) {
    return this.#db
      .selectFrom("journal")
      .selectAll()
      .$if(before !== undefined, (query) => query.where("id", "<", before ?? 0))
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    await change(this.#db, entries, () => Promise.resolve());
  }

  async retain(count: number): Promise<void> {
    const newestDropped = this.#db
      .selectFrom("journal")
      .select("id")
      .orderBy("id", "desc")
      .offset(count)
      .limit(1);
    await this.#db
      .deleteFrom("journal")
      .where("id", "<=", newestDropped)
      .execute();
  }
}
