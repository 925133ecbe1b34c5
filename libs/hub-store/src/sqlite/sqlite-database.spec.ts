import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Db, change, openDatabase } from "./sqlite-database.ts";

let folder: string;
let db: Db;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "sqlite-database-"));
  db = await openDatabase(path.join(folder, "hub.db"));
});

afterEach(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const line = (message: string) => ({
  at: "2026-01-01T00:00:00.000Z",
  actor: "operator-1",
  action: "Paused",
  subject: "Rollout/default",
  message,
});
const write = (message: string) =>
  change(db, [line(message)], () => Promise.resolve());
const messages = async () =>
  (await db.selectFrom("journal").select("message").execute()).map(
    ({ message }) => message,
  );

describe("a full disk", () => {
  beforeEach(async () => {
    await write("before");
    const { rows } = await sql<{ page_count: number }>`
      PRAGMA page_count
    `.execute(db);
    const pages = rows[0]?.page_count ?? 0;
    await sql.raw(`PRAGMA max_page_count = ${pages}`).execute(db);
  });

  it("is what the error of a change says, whatever its rollback finds", async () => {
    await expect(write("x".repeat(1_000_000))).rejects.toThrow(/full/);
    expect(await messages()).toEqual(["before"]);
  });

  it("hinders nothing once there is room again", async () => {
    await expect(write("x".repeat(1_000_000))).rejects.toThrow(/full/);
    await sql.raw("PRAGMA max_page_count = 1000000").execute(db);
    await write("after");
    expect(await messages()).toEqual(["before", "after"]);
  });
});
