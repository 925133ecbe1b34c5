import { type RolloutState } from "@wheelhouse/rollout";
import {
  type RolloutCommit,
  type RolloutCommitProblem,
  type RolloutCommitResult,
  type RolloutStore,
  type StoredRollout,
} from "../rollout-store.ts";
import { type Schema } from "./schema.ts";
import { insertAssignment } from "./sqlite-assignment-store.ts";
import { isCurrent } from "./sqlite-cluster-registry.ts";
import { type Db, writeJournal } from "./sqlite-database.ts";
import { completeRepoint } from "./sqlite-repoint.ts";

/** Rollouts in SQLite. */
export class SqliteRolloutStore implements RolloutStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async get(name: string): Promise<StoredRollout | null> {
    const row = await readRow(this.#db, name);
    return row === undefined ? null : storedOf(row);
  }

  async list(): Promise<readonly StoredRollout[]> {
    const rows = await this.#db
      .selectFrom("rollout")
      .selectAll()
      .orderBy("name")
      .execute();
    return rows.map(storedOf);
  }

  async commit(step: RolloutCommit): Promise<RolloutCommitResult> {
    try {
      return await this.#db
        .transaction()
        .execute(async (db) => ({ ok: true, version: await store(db, step) }));
    } catch (error) {
      if (error instanceof Refusal)
        return { ok: false, problem: error.problem };
      throw error;
    }
  }
}

/** Thrown to undo the transaction. */
class Refusal extends Error {
  readonly problem: RolloutCommitProblem;

  constructor(problem: RolloutCommitProblem) {
    super(problem);
    this.problem = problem;
  }
}

async function store(db: Db, step: RolloutCommit): Promise<number> {
  const version = await compareAndSet(db, step);
  const concerned = [
    ...step.issued.map(({ envelope }) => envelope.audience),
    ...step.confirmed.map(({ uid }) => uid),
  ];
  for (const uid of concerned) {
    if (!(await isCurrent(db, uid))) throw new Refusal("superseded");
  }
  for (const issued of step.issued) {
    if (!(await insertAssignment(db, issued))) throw new Refusal("seqNotNew");
  }
  for (const { uid, epoch, seq } of step.confirmed) {
    const confirmed = await db
      .updateTable("assignment")
      .set({ confirmed_at: step.at })
      .where("uid", "=", uid)
      .where("epoch", "=", epoch)
      .where("seq", "=", seq)
      .where("confirmed_at", "is", null)
      .executeTakeFirst();
    if (confirmed.numUpdatedRows > 0n) {
      await completeRepoint(db, uid, { epoch, seq }, step.at);
    }
  }
  await writeJournal(db, step.journal);
  return version;
}

async function compareAndSet(db: Db, step: RolloutCommit): Promise<number> {
  const { name, expectedVersion, state, at } = step;
  const row = await readRow(db, name);
  if ((row?.version ?? 0) !== expectedVersion) throw new Refusal("conflict");
  if (state === null) return expectedVersion;
  const before = row === undefined ? null : storedOf(row);
  const isSame = before?.state.generation === state.generation;
  const version = expectedVersion + 1;
  const values = {
    version,
    state: JSON.stringify(state),
    started_at: isSame ? before.startedAt : at,
    completed_at:
      state.phase === "Completed"
        ? ((isSame ? before.completedAt : null) ?? at)
        : null,
  };
  await db
    .insertInto("rollout")
    .values({ name, ...values })
    .onConflict((conflict) => conflict.column("name").doUpdateSet(values))
    .execute();
  return version;
}

function readRow(db: Db, name: string) {
  return db
    .selectFrom("rollout")
    .selectAll()
    .where("name", "=", name)
    .executeTakeFirst();
}

function storedOf(row: Schema["rollout"]): StoredRollout {
  return {
    version: row.version,
    state: JSON.parse(row.state) as RolloutState,
    startedAt: row.started_at,
    completedAt: row.completed_at,
  };
}
