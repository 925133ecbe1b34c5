import { type ObjectId } from "@wheelhouse/kube-object";
import { type JournalEntry } from "../journal.ts";
import {
  type OverrideStore,
  type PruneApproval,
  type Suspension,
} from "../override-store.ts";
import { type Db, change } from "./sqlite-database.ts";

/** Overrides in SQLite; a whole cluster is stored with an empty bundle name. */
export class SqliteOverrideStore implements OverrideStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async suspensions(): Promise<readonly Suspension[]> {
    const rows = await this.#db
      .selectFrom("suspension")
      .selectAll()
      .orderBy("cluster")
      .orderBy("bundle")
      .execute();
    return rows.map((row) => ({
      ...row,
      bundle: row.bundle === "" ? null : row.bundle,
    }));
  }

  async suspend(
    { cluster, bundle, actor, at }: Suspension,
    journal: readonly JournalEntry[],
  ): Promise<void> {
    await change(this.#db, journal, (db) =>
      db
        .insertInto("suspension")
        .values({ cluster, bundle: bundle ?? "", actor, at })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }

  resume(
    { cluster, bundle }: Pick<Suspension, "cluster" | "bundle">,
    journal: readonly JournalEntry[],
  ): Promise<boolean> {
    return change(
      this.#db,
      journal,
      async (db) => {
        const deleted = await db
          .deleteFrom("suspension")
          .where("cluster", "=", cluster)
          .where("bundle", "=", bundle ?? "")
          .executeTakeFirst();
        return deleted.numDeletedRows > 0n;
      },
      (isResumed) => !isResumed,
    );
  }

  async pruneApprovals(): Promise<readonly PruneApproval[]> {
    const rows = await this.#db
      .selectFrom("prune_approval")
      .selectAll()
      .orderBy("cluster")
      .orderBy("key")
      .execute();
    return rows.map((row) => ({
      ...row,
      object: JSON.parse(row.object) as ObjectId,
    }));
  }

  async approvePrunes(
    approvals: readonly PruneApproval[],
    journal: readonly JournalEntry[],
  ): Promise<void> {
    await change(this.#db, journal, async (db) => {
      for (const approval of approvals) {
        await db
          .insertInto("prune_approval")
          .values({ ...approval, object: JSON.stringify(approval.object) })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    });
  }

  async dropPruneApprovals(
    approvals: readonly Pick<PruneApproval, "cluster" | "key">[],
  ): Promise<void> {
    await change(this.#db, [], async (db) => {
      for (const { cluster, key } of approvals) {
        await db
          .deleteFrom("prune_approval")
          .where("cluster", "=", cluster)
          .where("key", "=", key)
          .execute();
      }
    });
  }
}
