import { type Driver, Kysely, SqliteDialect, type Transaction } from "kysely";
import Database from "libsql";
import { type JournalEntry } from "../journal.ts";
import { closeDataFile } from "./data-file.ts";
import { lockDataFile } from "./data-lock.ts";
import { migrate } from "./migrations.ts";
import { type Schema } from "./schema.ts";

/** The database, or a transaction of it. */
export type Db = Kysely<Schema>;

/** Opens a database file, closed to other users, with write-ahead log and full sync. A second hub on it is refused. */
export async function openDatabase(file: string): Promise<Db> {
  closeDataFile(file);
  const unlock = lockDataFile(file);
  try {
    const database = new Database(file, { timeout: 5_000 });
    const close = database.close.bind(database);
    database.close = () => {
      try {
        return close();
      } finally {
        unlock();
      }
    };
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    const dialect = new HonestSqliteDialect({ database });
    const db = new Kysely<Schema>({ dialect });
    await migrate(db);
    return db;
  } catch (error) {
    unlock();
    throw error;
  }
}

/** SQLite ends a transaction by itself where the disk is full; the rollback that finds none must not hide why. */
class HonestSqliteDialect extends SqliteDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    const rollback = driver.rollbackTransaction.bind(driver);
    driver.rollbackTransaction = async (connection) => {
      try {
        await rollback(connection);
      } catch (error) {
        if (!/no transaction is active/.test(String(error))) throw error;
      }
    };
    return driver;
  }
}

/** Runs a change with its journal lines as one transaction; no line is written where its result is a refusal. */
export async function change<T>(
  db: Db,
  journal: readonly JournalEntry[],
  work: (transaction: Transaction<Schema>) => Promise<T>,
  isRefused: (result: T) => boolean = () => false,
): Promise<T> {
  return db.transaction().execute(async (transaction) => {
    const result = await work(transaction);
    if (!isRefused(result)) await writeJournal(transaction, journal);
    return result;
  });
}

/** Writes journal lines. */
export async function writeJournal(
  db: Db,
  entries: readonly JournalEntry[],
): Promise<void> {
  for (const { at, actor, action, subject, message } of entries) {
    await db
      .insertInto("journal")
      .values({ at, actor, action, subject, message })
      .execute();
  }
}

/** Bytes as the driver returns them, whatever it calls them. */
export function bytesOf(value: Uint8Array | ArrayBuffer): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(value);
}
