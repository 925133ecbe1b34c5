import { type Kysely, sql } from "kysely";
import { type Schema } from "./schema.ts";

/** Steps from one form of the database to the next; forward only, never edited once released. */
export const migrations: readonly (readonly string[])[] = [
  [
    `create table cluster (name text primary key, uid text not null unique,
      phase text not null, labels text not null, source text not null,
      repoint text)`,
    `create table incarnation (uid text primary key,
      cluster text not null references cluster (name),
      revoked integer not null, joined_at text, certificate_not_after text,
      keys text not null, floor_epoch integer, floor_seq integer)`,
    `create index incarnation_cluster on incarnation (cluster)`,
    `create table join_token (hash text primary key, uid text not null,
      expires_at text not null, used_at text)`,
    `create table credential (hash text primary key, kind text not null,
      name text not null, role text not null, created_at text not null,
      expires_at text not null)`,
    `create unique index credential_token on credential (name)
      where kind = 'token'`,
    `create table revision (commit_id text primary key,
      is_head integer not null, body text not null)`,
    `create table target (commit_id text not null, cluster text not null,
      body text not null, artifacts text not null,
      primary key (commit_id, cluster))`,
    `create table artifact (digest text primary key, bytes blob not null)`,
    `create table render (key text primary key, output blob not null,
      used integer not null)`,
    `create table assignment (uid text not null, epoch integer not null,
      seq integer not null, cluster text not null, envelope blob not null,
      signature blob not null, delegation blob not null,
      artifacts text not null, acknowledged_at text, confirmed_at text,
      primary key (uid, epoch, seq))`,
    `create index assignment_cluster on assignment (cluster, epoch, seq)`,
    `create table rollout (name text primary key, version integer not null,
      state text not null, started_at text not null, completed_at text)`,
    `create table suspension (cluster text not null, bundle text not null,
      actor text not null, at text not null, primary key (cluster, bundle))`,
    `create table prune_approval (cluster text not null, key text not null,
      object text not null, actor text not null, at text not null,
      primary key (cluster, key))`,
    `create table journal (id integer primary key autoincrement,
      at text not null, actor text not null, action text not null,
      subject text not null, message text not null)`,
  ],
  [
    `alter table cluster add column left_at text`,
    `alter table cluster add column suspended_at text`,
    `alter table incarnation add column registered_at text`,
  ],
  [
    `alter table cluster add column issued_epoch integer`,
    `alter table cluster add column issued_seq integer`,
    `alter table cluster add column leaps integer not null default 0`,
    `update cluster set issued_epoch = (select max(epoch) from assignment
      where assignment.cluster = cluster.name)`,
    `update cluster set issued_seq = (select max(seq) from assignment
      where assignment.cluster = cluster.name
        and assignment.epoch = cluster.issued_epoch)`,
    `alter table join_token add column spent_by text`,
  ],
];

/** Brings a database to the newest form. Throws where a newer hub made it. */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  await sql`create table if not exists schema_version (version integer not null)`.execute(
    db,
  );
  const found = await sql<{
    version: number;
  }>`select version from schema_version`.execute(db);
  const current = found.rows[0]?.version ?? 0;
  if (current > migrations.length) {
    throw new Error(
      `the database has form ${current}, and this hub knows ${migrations.length}: it was made by a newer hub`,
    );
  }
  for (let version = current; version < migrations.length; version += 1) {
    await db.transaction().execute(async (transaction) => {
      for (const statement of migrations[version] ?? []) {
        await sql.raw(statement).execute(transaction);
      }
      await sql`delete from schema_version`.execute(transaction);
      await sql`insert into schema_version values (${version + 1})`.execute(
        transaction,
      );
    });
  }
}
