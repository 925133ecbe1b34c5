import {
  type AssignmentVersion,
  differingBundles,
} from "@wheelhouse/assignment";
import { type Selectable } from "kysely";
import { type RepointRecord } from "../cluster-registry.ts";
import { type Schema } from "./schema.ts";
import {
  readAssignment,
  readLastConfirmed,
} from "./sqlite-assignment-store.ts";
import { type Db } from "./sqlite-database.ts";

/** Stores when a repointed cluster's new incarnation was first confirmed, and at what; nothing where that is stored, or `uid` is another one. */
export async function completeRepoint(
  db: Db,
  uid: string,
  version: AssignmentVersion,
  readyAt: string,
): Promise<void> {
  const row = await db
    .selectFrom("cluster")
    .select(["name", "repoint"])
    .where("uid", "=", uid)
    .executeTakeFirst();
  const repoint = row === undefined ? null : repointOf(row);
  if (row === undefined || repoint === null || repoint.readyAt !== null) return;
  const former = await readLastConfirmed(db, row.name, { except: uid });
  const ready = await readAssignment(db, uid, version);
  const completed: RepointRecord = {
    ...repoint,
    readyAt,
    readyRoot: ready?.envelope.root ?? null,
    readyDiffering: differingBundles(
      former?.envelope.bundles ?? [],
      ready?.envelope.bundles ?? [],
    ),
  };
  await db
    .updateTable("cluster")
    .set({ repoint: JSON.stringify(completed) })
    .where("uid", "=", uid)
    .execute();
}

/** The repoint that a cluster's row tells of, or null; a hub of an earlier form stored no more than when it was ready. */
export function repointOf({
  repoint,
}: Pick<Selectable<Schema["cluster"]>, "repoint">): RepointRecord | null {
  if (repoint === null) return null;
  const stored = JSON.parse(repoint) as RepointRecord;
  return { ...notedNothing, ...stored };
}

const notedNothing = { readyRoot: null, readyDiffering: [] };
