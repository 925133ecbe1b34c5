import { type ClusterRegistry } from "../cluster-registry.ts";
import { type Db } from "./sqlite-database.ts";

/** Notes when each cluster left Git's names, or was suspended there; a time that stands is kept, and one that is over is dropped. */
export async function noteGitStanding(
  db: Db,
  git: Parameters<ClusterRegistry["recordStanding"]>[0],
  at: string,
): Promise<void> {
  const named = new Set(git.named);
  const suspended = new Set(git.suspended);
  const known = await db
    .selectFrom("cluster")
    .select(["name", "source", "left_at", "suspended_at"])
    .execute();
  for (const row of known) {
    const hasLeft = row.source === "git" && !named.has(row.name);
    const left_at = hasLeft ? (row.left_at ?? at) : null;
    const isSuspended = suspended.has(row.name);
    const suspended_at = isSuspended ? (row.suspended_at ?? at) : null;
    if (row.left_at === left_at && row.suspended_at === suspended_at) continue;
    await db
      .updateTable("cluster")
      .set({ left_at, suspended_at })
      .where("name", "=", row.name)
      .execute();
  }
}
