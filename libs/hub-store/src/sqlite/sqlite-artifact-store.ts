import { gunzipSync, gzipSync } from "node:zlib";
import { type Digest } from "@wheelhouse/assignment";
import { type ArtifactStore, type RenderCache } from "../artifact-store.ts";
import { sql } from "kysely";
import { parseArtifacts } from "./named-artifacts.ts";
import { type Db, bytesOf, change } from "./sqlite-database.ts";

/** Artifacts in SQLite, compressed. */
export class SqliteArtifactStore implements ArtifactStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async put(artifacts: ReadonlyMap<Digest, Uint8Array>): Promise<void> {
    const missing = await this.missing([...artifacts.keys()]);
    if (missing.length === 0) return;
    await change(this.#db, [], async (db) => {
      for (const digest of missing) {
        const bytes = gzipSync(artifacts.get(digest) ?? new Uint8Array(), {
          level: 1,
        });
        await db
          .insertInto("artifact")
          .values({ digest, bytes })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    });
  }

  async get(digest: Digest): Promise<Uint8Array | null> {
    const row = await this.#db
      .selectFrom("artifact")
      .select("bytes")
      .where("digest", "=", digest)
      .executeTakeFirst();
    return row === undefined ? null : gunzipSync(bytesOf(row.bytes));
  }

  async missing(digests: readonly Digest[]): Promise<readonly Digest[]> {
    const missing: Digest[] = [];
    for (const digest of digests) {
      const row = await this.#db
        .selectFrom("artifact")
        .select("digest")
        .where("digest", "=", digest)
        .executeTakeFirst();
      if (row === undefined) missing.push(digest);
    }
    return missing;
  }

  collectGarbage(): Promise<number> {
    return change(this.#db, [], async (db) => {
      const named = new Set<string>();
      for (const table of ["target", "assignment"] as const) {
        const rows = await db.selectFrom(table).select("artifacts").execute();
        for (const { artifacts } of rows) {
          parseArtifacts(artifacts).forEach((digest) => named.add(digest));
        }
      }
      const stored = await db.selectFrom("artifact").select("digest").execute();
      const unnamed = stored.filter(({ digest }) => !named.has(digest));
      for (const { digest } of unnamed) {
        await db.deleteFrom("artifact").where("digest", "=", digest).execute();
      }
      return unnamed.length;
    });
  }
}

/** Outputs of renders in SQLite, compressed. Use is counted, not timed. */
export class SqliteRenderCache implements RenderCache {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async get(key: Digest): Promise<string | null> {
    const row = await this.#db
      .updateTable("render")
      .set({ used: nextUse })
      .where("key", "=", key)
      .returning("output")
      .executeTakeFirst();
    return row === undefined
      ? null
      : gunzipSync(bytesOf(row.output)).toString("utf8");
  }

  async put(key: Digest, output: string): Promise<void> {
    await this.#db
      .insertInto("render")
      .values({
        key,
        output: gzipSync(output, { level: 1 }),
        used: nextUse,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async retain(max: number): Promise<void> {
    await this.#db
      .deleteFrom("render")
      .where("key", "not in", (query) =>
        query
          .selectFrom("render")
          .select("key")
          .orderBy("used", "desc")
          .limit(max),
      )
      .execute();
  }
}

const nextUse = sql<number>`(select coalesce(max(used), 0) + 1 from render)`;
