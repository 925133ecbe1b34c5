import { type JoinTokenResult } from "../cluster-registry.ts";
import { type Db } from "./sqlite-database.ts";

/** No key's hash. */
const nobody = "";

/** Who asks with a token, and when. */
export interface JoinFacts {
  /** Hash of the key that asks. */
  readonly key: string;
  /** RFC 3339, UTC with milliseconds. */
  readonly now: string;
}

/** Consumes a token by its hash, in a transaction of the caller's. */
export async function spendJoinToken(
  db: Db,
  hash: string,
  { key, now }: JoinFacts,
): Promise<JoinTokenResult> {
  const token = await db
    .selectFrom("join_token")
    .innerJoin("incarnation", "incarnation.uid", "join_token.uid")
    .select([
      "join_token.uid",
      "join_token.expires_at",
      "join_token.used_at",
      "join_token.spent_by",
      "incarnation.cluster",
      "incarnation.revoked",
      "incarnation.keys",
    ])
    .where("join_token.hash", "=", hash)
    .executeTakeFirst();
  if (token === undefined) return { ok: false, problem: "unknown" };
  // The key that spent it asks again when its answer was lost on the way.
  const isSpender =
    token.spent_by === null
      ? token.keys.includes(`"${key}"`)
      : token.spent_by === key;
  if (token.used_at !== null && !isSpender) {
    return { ok: false, problem: "used" };
  }
  if (token.revoked === 1) return { ok: false, problem: "revoked" };
  if (token.expires_at <= now) return { ok: false, problem: "expired" };
  // Also of the spender: it may have joined as another meanwhile.
  const twin = await db
    .selectFrom("incarnation")
    .select("uid")
    .where("uid", "!=", token.uid)
    .where("keys", "like", `%"${key}"%`)
    .executeTakeFirst();
  if (twin !== undefined) return { ok: false, problem: "keyInUse" };
  if (token.used_at !== null) {
    return { ok: true, cluster: token.cluster, uid: token.uid };
  }
  const used = await db
    .updateTable("join_token")
    .set({ used_at: now, spent_by: key })
    .where("hash", "=", hash)
    .where("used_at", "is", null)
    .executeTakeFirst();
  return used.numUpdatedRows === 1n
    ? { ok: true, cluster: token.cluster, uid: token.uid }
    : { ok: false, problem: "used" };
}

/** What another key than the newest one spent is nobody's any more: a key that was renewed would take the newer one's place. */
export async function endOtherSpenders(
  db: Db,
  uid: string,
  [newest = nobody]: readonly string[],
): Promise<void> {
  await db
    .updateTable("join_token")
    .set({ spent_by: nobody })
    .where("uid", "=", uid)
    .where("spent_by", "!=", newest)
    .execute();
}
