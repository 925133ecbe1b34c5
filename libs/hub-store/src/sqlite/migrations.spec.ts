import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteClusterRegistry } from "./sqlite-cluster-registry.ts";
import { openDatabase } from "./sqlite-database.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "migrations-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Takes the newest form back to the one before, and stores with it what a hub of that time did. */
async function writeSecondForm(file: string): Promise<void> {
  const db = await openDatabase(file);
  const statements = [
    `alter table cluster drop column issued_epoch`,
    `alter table cluster drop column issued_seq`,
    `alter table cluster drop column leaps`,
    `alter table join_token drop column spent_by`,
    `update schema_version set version = 2`,
    ...["a", "b"].map(
      (name) =>
        `insert into cluster (name, uid, phase, labels, source)
          values ('${name}', '${name}1', 'Joined', '{}', 'git')`,
    ),
    ...[
      [1, 9],
      [2, 3],
      [2, 4],
    ].map(
      ([epoch, seq]) =>
        `insert into assignment (uid, epoch, seq, cluster, envelope,
          signature, delegation, artifacts)
          values ('a1', ${epoch}, ${seq}, 'a', x'', x'', x'', '[]')`,
    ),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
  await db.destroy();
}

describe("a database of an earlier form", () => {
  it("knows the highest number issued under each name", async () => {
    const file = path.join(folder, "hub.db");
    await writeSecondForm(file);
    const db = await openDatabase(file);
    const records = await new SqliteClusterRegistry(db).list();
    expect(
      records.map(({ name, issuedNumber }) => [name, issuedNumber]),
    ).toEqual([
      ["a", { epoch: 2, seq: 4, leaps: 0 }],
      ["b", null],
    ]);
    await db.destroy();
  });
});
