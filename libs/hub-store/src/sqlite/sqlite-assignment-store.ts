import { type AssignmentVersion, type Digest } from "@wheelhouse/assignment";
import { type SelectQueryBuilder, type Selectable } from "kysely";
import {
  type AssignmentStore,
  type IssuedAssignment,
  type UnreadableAssignment,
} from "../assignment-store.ts";
import { DecodedEnvelopes } from "./decoded-envelopes.ts";
import { artifactsOf, parseArtifacts } from "./named-artifacts.ts";
import { type Schema } from "./schema.ts";
import { takeNumber } from "./sqlite-issued-number.ts";
import { type Db, bytesOf, change } from "./sqlite-database.ts";

type Row = Selectable<Schema["assignment"]>;

/** Assignments in SQLite, as the exact bytes that were signed. */
export class SqliteAssignmentStore implements AssignmentStore {
  readonly #db: Db;
  readonly #envelopes = new DecodedEnvelopes();

  constructor(db: Db) {
    this.#db = db;
  }

  async newest(uid: string): Promise<IssuedAssignment | null> {
    const newest = this.#db
      .selectFrom("assignment")
      .selectAll()
      .where("uid", "=", uid)
      .orderBy("epoch", "desc")
      .orderBy("seq", "desc");
    return firstReadable(newest, this.#envelopes);
  }

  async get(
    uid: string,
    version: AssignmentVersion,
  ): Promise<IssuedAssignment | null> {
    return readAssignment(this.#db, uid, version, this.#envelopes);
  }

  lastConfirmed(cluster: string): Promise<IssuedAssignment | null> {
    return readLastConfirmed(this.#db, cluster, {}, this.#envelopes);
  }

  async acknowledge(
    uid: string,
    { epoch, seq }: AssignmentVersion,
    at: string,
  ): Promise<void> {
    await this.#db
      .updateTable("assignment")
      .set({ acknowledged_at: at })
      .where("uid", "=", uid)
      .where("epoch", "=", epoch)
      .where("seq", "=", seq)
      .where("acknowledged_at", "is", null)
      .execute();
  }

  async names(uid: string, artifact: Digest): Promise<boolean> {
    const rows = await this.#db
      .selectFrom("assignment")
      .select("artifacts")
      .where("uid", "=", uid)
      .orderBy("epoch", "desc")
      .orderBy("seq", "desc")
      .execute();
    return rows.some(({ artifacts }) =>
      parseArtifacts(artifacts).includes(artifact),
    );
  }

  async retain(perUid: number): Promise<void> {
    await change(this.#db, [], async (db) => {
      const rows = await db
        .selectFrom("assignment")
        .select(["uid", "epoch", "seq", "confirmed_at"])
        .orderBy("epoch", "desc")
        .orderBy("seq", "desc")
        .execute();
      const seen = new Map<string, { count: number; confirmed: boolean }>();
      for (const { uid, epoch, seq, confirmed_at: confirmedAt } of rows) {
        const known = seen.get(uid) ?? { count: 0, confirmed: false };
        const isNewestConfirmed = confirmedAt !== null && !known.confirmed;
        seen.set(uid, {
          count: known.count + 1,
          confirmed: known.confirmed || isNewestConfirmed,
        });
        if (known.count < perUid || isNewestConfirmed) continue;
        await db
          .deleteFrom("assignment")
          .where("uid", "=", uid)
          .where("epoch", "=", epoch)
          .where("seq", "=", seq)
          .execute();
      }
    });
  }

  unreadable(): readonly UnreadableAssignment[] {
    return this.#envelopes.unreadable;
  }
}

/** What an incarnation was issued as one version. */
export async function readAssignment(
  db: Db,
  uid: string,
  { epoch, seq }: AssignmentVersion,
  envelopes = new DecodedEnvelopes(),
): Promise<IssuedAssignment | null> {
  const row = await db
    .selectFrom("assignment")
    .selectAll()
    .where("uid", "=", uid)
    .where("epoch", "=", epoch)
    .where("seq", "=", seq)
    .executeTakeFirst();
  return row === undefined ? null : issuedOf(row, envelopes);
}

/** The newest that was confirmed under a cluster's name, by any incarnation but the one that is excepted. */
export async function readLastConfirmed(
  db: Db,
  cluster: string,
  { except = "" }: { readonly except?: string } = {},
  envelopes = new DecodedEnvelopes(),
): Promise<IssuedAssignment | null> {
  const newest = db
    .selectFrom("assignment")
    .selectAll()
    .where("cluster", "=", cluster)
    .where("uid", "!=", except)
    .where("confirmed_at", "is not", null)
    .orderBy("epoch", "desc")
    .orderBy("seq", "desc");
  return firstReadable(newest, envelopes);
}

/** Stores a new one; false where the cluster was issued that seq or a later one at the epoch. */
export async function insertAssignment(
  db: Db,
  { envelope, signed }: Pick<IssuedAssignment, "envelope" | "signed">,
): Promise<boolean> {
  const { cluster, epoch, seq } = envelope;
  if (!(await takeNumber(db, cluster, envelope))) return false;
  await db
    .insertInto("assignment")
    .values({
      uid: envelope.audience,
      epoch,
      seq,
      cluster,
      envelope: Buffer.from(signed.bytes),
      signature: Buffer.from(signed.signature),
      delegation: Buffer.from(signed.delegation),
      artifacts: artifactsOf(envelope.bundles),
      acknowledged_at: null,
      confirmed_at: null,
    })
    .execute();
  return true;
}

/** The first row of a query that can be read: nearly always its first. */
async function firstReadable(
  query: SelectQueryBuilder<Schema, "assignment", Row>,
  envelopes: DecodedEnvelopes,
): Promise<IssuedAssignment | null> {
  for (let offset = 0; ; offset += 1) {
    const row = await query.limit(1).offset(offset).executeTakeFirst();
    if (row === undefined) return null;
    const issued = issuedOf(row, envelopes);
    if (issued !== null) return issued;
  }
}

function issuedOf(
  row: Row,
  envelopes: DecodedEnvelopes,
): IssuedAssignment | null {
  const bytes = bytesOf(row.envelope);
  const envelope = envelopes.read(row, bytes);
  if (envelope === null) return null;
  return {
    envelope,
    signed: {
      bytes,
      signature: bytesOf(row.signature),
      delegation: bytesOf(row.delegation),
    },
    acknowledgedAt: row.acknowledged_at,
    confirmedAt: row.confirmed_at,
  };
}
