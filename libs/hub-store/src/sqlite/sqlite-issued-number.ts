import {
  type AssignmentVersion,
  compareVersions,
} from "@wheelhouse/assignment";
import { type IssuedNumber, afterIssue } from "@wheelhouse/rollout";
import { type Selectable } from "kysely";
import { type Schema } from "./schema.ts";
import { type Db } from "./sqlite-database.ts";

type NumberColumns = "issued_epoch" | "issued_seq" | "leaps";

/** The highest number issued under a cluster's name, as its row has it. */
export function issuedNumberOf({
  issued_epoch: epoch,
  issued_seq: seq,
  leaps,
}: Pick<Selectable<Schema["cluster"]>, NumberColumns>): IssuedNumber | null {
  return epoch === null || seq === null ? null : { epoch, seq, leaps };
}

/** Makes a version the highest of a cluster's name; false where that is not higher, or the name unknown. */
export async function takeNumber(
  db: Db,
  cluster: string,
  version: AssignmentVersion,
): Promise<boolean> {
  const row = await db
    .selectFrom("cluster")
    .select(["issued_epoch", "issued_seq", "leaps"])
    .where("name", "=", cluster)
    .executeTakeFirst();
  if (row === undefined) return false;
  const before = issuedNumberOf(row);
  if (before !== null && compareVersions(version, before) <= 0) return false;
  const { epoch, seq, leaps } = afterIssue(before, version);
  await db
    .updateTable("cluster")
    .set({ issued_epoch: epoch, issued_seq: seq, leaps })
    .where("name", "=", cluster)
    .execute();
  return true;
}
