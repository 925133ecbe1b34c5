import { type AssignmentVersion } from "@wheelhouse/assignment";
import { type Labels } from "@wheelhouse/kube-object";
import { type Selectable } from "kysely";
import {
  type ClusterRecord,
  type ClusterRegistry,
  type JoinTokenResult,
  type RegistryResult,
  type RepointRecord,
  type RepointResult,
} from "../cluster-registry.ts";
import { type JournalEntry } from "../journal.ts";
import { type Schema } from "./schema.ts";
import { issuedNumberOf } from "./sqlite-issued-number.ts";
import { readLastConfirmed } from "./sqlite-assignment-store.ts";
import { type Db, change } from "./sqlite-database.ts";
import { noteGitStanding } from "./sqlite-git-standing.ts";
import {
  type JoinFacts,
  endOtherSpenders,
  spendJoinToken,
} from "./sqlite-join-token.ts";
import { repointOf } from "./sqlite-repoint.ts";

type ClusterRow = Selectable<Schema["cluster"]>;
type IncarnationRow = Selectable<Schema["incarnation"]>;

const done = { ok: true } as const;
const notFound = { ok: false, problem: "notFound" } as const;
const isRefused = ({ ok }: { readonly ok: boolean }) => !ok;

/** The registry in SQLite. */
export class SqliteClusterRegistry implements ClusterRegistry {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async list(): Promise<readonly ClusterRecord[]> {
    const clusters = await this.#db
      .selectFrom("cluster")
      .selectAll()
      .orderBy("name")
      .execute();
    const incarnations = await this.#db
      .selectFrom("incarnation")
      .selectAll()
      .execute();
    const byCluster = new Map<string, IncarnationRow[]>();
    for (const incarnation of incarnations) {
      const known = byCluster.get(incarnation.cluster);
      if (known !== undefined) known.push(incarnation);
      else byCluster.set(incarnation.cluster, [incarnation]);
    }
    return clusters.map((row) => recordOf(row, byCluster.get(row.name) ?? []));
  }

  async get(name: string): Promise<ClusterRecord | null> {
    return readRecord(this.#db, name);
  }

  async findByUid(uid: string): Promise<ClusterRecord | null> {
    const incarnation = await this.#db
      .selectFrom("incarnation")
      .select("cluster")
      .where("uid", "=", uid)
      .executeTakeFirst();
    return incarnation === undefined ? null : this.get(incarnation.cluster);
  }

  add(
    ...[cluster, journal]: Parameters<ClusterRegistry["add"]>
  ): Promise<RegistryResult> {
    const { name, uid, source, registeredAt } = cluster;
    const labels = JSON.stringify(cluster.labels);
    return change(
      this.#db,
      journal,
      async (db): Promise<RegistryResult> => {
        const known = await readRecord(db, name);
        if (known !== null && known.phase !== "Removed") {
          return { ok: false, problem: "exists" };
        }
        const values = {
          ...{ uid, phase: "Pending", labels, source, repoint: null },
          ...{ left_at: null, suspended_at: null },
        };
        await db
          .insertInto("cluster")
          .values({ name, ...values })
          .onConflict((conflict) => conflict.column("name").doUpdateSet(values))
          .execute();
        await insertIncarnation(db, name, uid, registeredAt);
        return done;
      },
      isRefused,
    );
  }

  async claimForGit(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await change(this.#db, [], async (db) => {
      await db
        .updateTable("cluster")
        .set({ source: "git" })
        .where("name", "in", names)
        .execute();
    });
  }

  recordStanding(
    ...[git, at]: Parameters<ClusterRegistry["recordStanding"]>
  ): Promise<void> {
    return change(this.#db, [], (db) => noteGitStanding(db, git, at));
  }

  async revokeUids(name: string, uids: readonly string[]): Promise<void> {
    if (uids.length === 0) return;
    await change(this.#db, [], async (db) => {
      if ((await readRecord(db, name)) === null) return;
      for (const uid of uids) await revokeOne(db, name, uid);
    });
  }

  repoint(
    to: Parameters<ClusterRegistry["repoint"]>[0],
    journal: readonly JournalEntry[],
  ): Promise<RepointResult> {
    return change(
      this.#db,
      journal,
      async (db): Promise<RepointResult> => {
        const known = await readRecord(db, to.name);
        if (known === null || known.phase === "Removed") return notFound;
        if (known.uid !== to.formerUid) {
          return { ok: false, problem: "superseded" };
        }
        const last = await readLastConfirmed(db, to.name);
        await revokeAll(db, to.name);
        await insertIncarnation(db, to.name, to.uid, to.startedAt);
        const repoint: RepointRecord = {
          startedAt: to.startedAt,
          formerUid: known.uid,
          formerRoot: last?.envelope.root ?? null,
          readyAt: null,
          readyRoot: null,
          readyDiffering: [],
        };
        await db
          .updateTable("cluster")
          .set({
            uid: to.uid,
            phase: "Pending",
            repoint: JSON.stringify(repoint),
          })
          .where("name", "=", to.name)
          .execute();
        return done;
      },
      isRefused,
    );
  }

  remove(
    name: string,
    journal: readonly JournalEntry[],
  ): Promise<RegistryResult> {
    return change(
      this.#db,
      journal,
      async (db): Promise<RegistryResult> => {
        const known = await readRecord(db, name);
        if (known === null || known.phase === "Removed") return notFound;
        await revokeAll(db, name);
        await db
          .updateTable("cluster")
          .set({ phase: "Removed" })
          .where("name", "=", name)
          .execute();
        return done;
      },
      isRefused,
    );
  }

  addJoinToken(token: {
    readonly hash: string;
    readonly uid: string;
    readonly expiresAt: string;
  }): Promise<string | null> {
    return change(this.#db, [], async (db) => {
      const ended = await db
        .deleteFrom("join_token")
        .where("uid", "=", token.uid)
        .where("used_at", "is", null)
        .returning("expires_at")
        .executeTakeFirst();
      await db
        .insertInto("join_token")
        .values({
          hash: token.hash,
          uid: token.uid,
          expires_at: token.expiresAt,
          used_at: null,
          spent_by: null,
        })
        .execute();
      return ended?.expires_at ?? null;
    });
  }

  consumeJoinToken(hash: string, facts: JoinFacts): Promise<JoinTokenResult> {
    return change(this.#db, [], (db) => spendJoinToken(db, hash, facts));
  }

  recordCertificate(
    certificate: Parameters<ClusterRegistry["recordCertificate"]>[0],
    journal: readonly JournalEntry[],
  ): Promise<boolean> {
    const { uid, keys, notAfter, at } = certificate;
    return change(
      this.#db,
      journal,
      async (db) => {
        const updated = await db
          .updateTable("incarnation")
          .set((field) => ({
            keys: JSON.stringify(keys),
            certificate_not_after: notAfter,
            joined_at: field.fn.coalesce("joined_at", field.val(at)),
          }))
          .where("uid", "=", uid)
          .where("revoked", "=", 0)
          .executeTakeFirst();
        if (updated.numUpdatedRows !== 1n) return false;
        await endOtherSpenders(db, uid, keys);
        await db
          .updateTable("cluster")
          .set({ phase: "Joined" })
          .where("uid", "=", uid)
          .execute();
        return true;
      },
      (isRecorded) => !isRecorded,
    );
  }

  async recordAcknowledgedFloor(
    uid: string,
    { epoch, seq }: AssignmentVersion,
  ): Promise<void> {
    await this.#db
      .updateTable("incarnation")
      .set({ floor_epoch: epoch, floor_seq: seq })
      .where("uid", "=", uid)
      .where((field) =>
        field.or([
          field("floor_epoch", "is", null),
          field("floor_epoch", "<", epoch),
          field.and([
            field("floor_epoch", "=", epoch),
            field("floor_seq", "<", seq),
          ]),
        ]),
      )
      .execute();
  }
}

/** Whether a uid is the current incarnation of a cluster that was not removed. */
export async function isCurrent(db: Db, uid: string): Promise<boolean> {
  const row = await db
    .selectFrom("cluster")
    .select("phase")
    .where("uid", "=", uid)
    .executeTakeFirst();
  return row !== undefined && row.phase !== "Removed";
}

async function readRecord(db: Db, name: string): Promise<ClusterRecord | null> {
  const row = await db
    .selectFrom("cluster")
    .selectAll()
    .where("name", "=", name)
    .executeTakeFirst();
  if (row === undefined) return null;
  const incarnations = await db
    .selectFrom("incarnation")
    .selectAll()
    .where("cluster", "=", name)
    .execute();
  return recordOf(row, incarnations);
}

function recordOf(
  row: ClusterRow,
  incarnations: readonly IncarnationRow[],
): ClusterRecord {
  const current = incarnations.find(({ uid }) => uid === row.uid);
  const { floor_epoch: epoch = null, floor_seq: seq = null } = current ?? {};
  return {
    name: row.name,
    uid: row.uid,
    phase: row.phase as ClusterRecord["phase"],
    labels: JSON.parse(row.labels) as Labels,
    source: row.source as ClusterRecord["source"],
    registeredAt: current?.registered_at ?? null,
    joinedAt: current?.joined_at ?? null,
    leftAt: row.left_at,
    suspendedAt: row.suspended_at,
    certificateNotAfter: current?.certificate_not_after ?? null,
    keys: JSON.parse(current?.keys ?? "[]") as readonly string[],
    revokedUids: incarnations
      .filter(({ revoked }) => revoked === 1)
      .map(({ uid }) => uid)
      .sort(),
    repoint: repointOf(row),
    acknowledgedFloor: epoch === null || seq === null ? null : { epoch, seq },
    issuedNumber: issuedNumberOf(row),
  };
}

const newIncarnation = {
  revoked: 0,
  joined_at: null,
  certificate_not_after: null,
  keys: "[]",
  floor_epoch: null,
  floor_seq: null,
  registered_at: null,
};

async function insertIncarnation(
  db: Db,
  cluster: string,
  uid: string,
  registered_at: string,
): Promise<void> {
  await db
    .insertInto("incarnation")
    .values({ uid, cluster, ...newIncarnation, registered_at })
    .execute();
}

async function revokeOne(db: Db, cluster: string, uid: string): Promise<void> {
  await db
    .insertInto("incarnation")
    .values({ uid, cluster, ...newIncarnation, revoked: 1 })
    .onConflict((conflict) =>
      conflict
        .column("uid")
        .doUpdateSet({ revoked: 1 })
        .where("incarnation.cluster", "=", cluster),
    )
    .execute();
}

async function revokeAll(db: Db, cluster: string): Promise<void> {
  await db
    .updateTable("incarnation")
    .set({ revoked: 1 })
    .where("cluster", "=", cluster)
    .execute();
}
