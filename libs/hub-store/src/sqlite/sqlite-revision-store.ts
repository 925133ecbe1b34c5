import {
  type RevisionStore,
  type StoredRevision,
  type StoredTarget,
} from "../revision-store.ts";
import { artifactsOf } from "./named-artifacts.ts";
import { type Db, change } from "./sqlite-database.ts";

/** The head, what is rolled out, what is returned to, and one more. */
const maxKeptRevisions = 4;

/** Revisions and targets in SQLite, each as one JSON text: they are read whole. */
export class SqliteRevisionStore implements RevisionStore {
  readonly #db: Db;
  /** Steps look at the same few revisions again and again. */
  readonly #targets = new Map<string, readonly StoredTarget[]>();

  constructor(db: Db) {
    this.#db = db;
  }

  async putHead(
    revision: StoredRevision,
    targets: readonly StoredTarget[],
  ): Promise<void> {
    const commit = revision.revision.commit;
    this.#targets.delete(commit);
    await change(this.#db, [], async (db) => {
      await db.updateTable("revision").set({ is_head: 0 }).execute();
      await db.deleteFrom("revision").where("commit_id", "=", commit).execute();
      await db
        .insertInto("revision")
        .values({
          commit_id: commit,
          is_head: 1,
          body: JSON.stringify(revision),
        })
        .execute();
      await db.deleteFrom("target").where("commit_id", "=", commit).execute();
      for (const target of targets) {
        await db
          .insertInto("target")
          .values({
            commit_id: commit,
            cluster: target.cluster,
            body: JSON.stringify(target),
            artifacts: artifactsOf(target.bundles),
          })
          .execute();
      }
    });
    this.#targets.delete(commit);
  }

  async head(): Promise<StoredRevision | null> {
    const row = await this.#db
      .selectFrom("revision")
      .select("body")
      .where("is_head", "=", 1)
      .executeTakeFirst();
    return row === undefined ? null : (JSON.parse(row.body) as StoredRevision);
  }

  async get(commit: string): Promise<StoredRevision | null> {
    const row = await this.#db
      .selectFrom("revision")
      .select("body")
      .where("commit_id", "=", commit)
      .executeTakeFirst();
    return row === undefined ? null : (JSON.parse(row.body) as StoredRevision);
  }

  async target(commit: string, cluster: string): Promise<StoredTarget | null> {
    const targets = await this.targets(commit);
    return targets.find((target) => target.cluster === cluster) ?? null;
  }

  async targets(commit: string): Promise<readonly StoredTarget[]> {
    const known = this.#targets.get(commit);
    if (known !== undefined) return known;
    const rows = await this.#db
      .selectFrom("target")
      .select("body")
      .where("commit_id", "=", commit)
      .orderBy("cluster")
      .execute();
    const targets = rows.map(({ body }) => JSON.parse(body) as StoredTarget);
    const [oldest] = this.#targets.keys();
    if (this.#targets.size >= maxKeptRevisions && oldest !== undefined) {
      this.#targets.delete(oldest);
    }
    this.#targets.set(commit, targets);
    return targets;
  }

  async retain(keep: readonly string[]): Promise<void> {
    await change(this.#db, [], async (db) => {
      const dropped = await db
        .deleteFrom("revision")
        .where("is_head", "=", 0)
        .$if(keep.length > 0, (query) =>
          query.where("commit_id", "not in", keep),
        )
        .returning("commit_id")
        .execute();
      for (const { commit_id: commit } of dropped) {
        await db.deleteFrom("target").where("commit_id", "=", commit).execute();
      }
    });
  }
}
