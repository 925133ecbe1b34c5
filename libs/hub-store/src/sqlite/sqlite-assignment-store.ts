import {
  type AssignmentVersion,
  type Digest,
  type Envelope,
  decodeEnvelope,
} from "@wheelhouse/assignment";
import {
  type AssignmentStore,
  type IssuedAssignment,
} from "../assignment-store.ts";
import { artifactsOf, parseArtifacts } from "./named-artifacts.ts";
import { type Schema } from "./schema.ts";
import { type Db, bytesOf, change } from "./sqlite-database.ts";

/** Assignments in SQLite, as the exact bytes that were signed. */
export class SqliteAssignmentStore implements AssignmentStore {
  readonly #db: Db;
  readonly #decoded = new Map<string, Envelope>();

  constructor(db: Db) {
    this.#db = db;
  }

  async newest(uid: string): Promise<IssuedAssignment | null> {
    const row = await this.#db
      .selectFrom("assignment")
      .selectAll()
      .where("uid", "=", uid)
      .orderBy("epoch", "desc")
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? null : issuedOf(row, this.#decoded);
  }

  async get(
    uid: string,
    version: AssignmentVersion,
  ): Promise<IssuedAssignment | null> {
    return readAssignment(this.#db, uid, version, this.#decoded);
  }

  lastConfirmed(cluster: string): Promise<IssuedAssignment | null> {
    return readLastConfirmed(this.#db, cluster, {}, this.#decoded);
  }

  async highestSeq(cluster: string, epoch: number): Promise<number> {
    const row = await this.#db
      .selectFrom("assignment")
      .select((field) => field.fn.max("seq").as("seq"))
      .where("cluster", "=", cluster)
      .where("epoch", "=", epoch)
      .executeTakeFirst();
    return row?.seq ?? 0;
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
}

/** What an incarnation was issued as one version. */
export async function readAssignment(
  db: Db,
  uid: string,
  { epoch, seq }: AssignmentVersion,
  decoded = new Map<string, Envelope>(),
): Promise<IssuedAssignment | null> {
  const row = await db
    .selectFrom("assignment")
    .selectAll()
    .where("uid", "=", uid)
    .where("epoch", "=", epoch)
    .where("seq", "=", seq)
    .executeTakeFirst();
  return row === undefined ? null : issuedOf(row, decoded);
}

/** The newest that was confirmed under a cluster's name, by any incarnation but the one that is excepted. */
export async function readLastConfirmed(
  db: Db,
  cluster: string,
  { except = "" }: { readonly except?: string } = {},
  decoded = new Map<string, Envelope>(),
): Promise<IssuedAssignment | null> {
  const row = await db
    .selectFrom("assignment")
    .selectAll()
    .where("cluster", "=", cluster)
    .where("uid", "!=", except)
    .where("confirmed_at", "is not", null)
    .orderBy("epoch", "desc")
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : issuedOf(row, decoded);
}

/** Stores a new one; false where the cluster was issued that seq or a later one at the epoch. */
export async function insertAssignment(
  db: Db,
  { envelope, signed }: Pick<IssuedAssignment, "envelope" | "signed">,
): Promise<boolean> {
  const { cluster, epoch, seq } = envelope;
  const later = await db
    .selectFrom("assignment")
    .select("seq")
    .where("cluster", "=", cluster)
    .where((field) =>
      field.or([
        field("epoch", ">", epoch),
        field.and([field("epoch", "=", epoch), field("seq", ">=", seq)]),
      ]),
    )
    .executeTakeFirst();
  if (later !== undefined) return false;
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

function issuedOf(
  row: Schema["assignment"],
  decoded: Map<string, Envelope>,
): IssuedAssignment {
  const bytes = bytesOf(row.envelope);
  return {
    envelope: envelopeOf(row, bytes, decoded),
    signed: {
      bytes,
      signature: bytesOf(row.signature),
      delegation: bytesOf(row.delegation),
    },
    acknowledgedAt: row.acknowledged_at,
    confirmedAt: row.confirmed_at,
  };
}

/** An assignment never changes: each is read and checked once, and the newest thousand are kept. */
function envelopeOf(
  { uid, cluster, epoch, seq }: Schema["assignment"],
  bytes: Uint8Array,
  decoded: Map<string, Envelope>,
): Envelope {
  const key = `${uid} ${epoch} ${seq}`;
  const known = decoded.get(key);
  if (known !== undefined) return known;
  const result = decodeEnvelope(bytes);
  if (!result.ok) {
    throw new Error(`assignment ${cluster} ${epoch}/${seq}: ${result.problem}`);
  }
  const [oldest] = decoded.keys();
  if (decoded.size >= maxDecoded && oldest !== undefined) {
    decoded.delete(oldest);
  }
  decoded.set(key, result.envelope);
  return result.envelope;
}

const maxDecoded = 1_000;
