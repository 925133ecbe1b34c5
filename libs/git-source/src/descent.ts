import fs from "node:fs";
import git from "isomorphic-git";

/** Whether one commit descends from another, as far as the readable history tells. */
export type Descent = "yes" | "no" | "unknown";

/**
 * Walks back from `commit` over at most `maxCommits` commits. `unknown` where
 * the walk met the edge of a shallow history, or the bound, before it ended.
 */
export async function checkDescent(options: {
  readonly gitdir: string;
  readonly commit: string;
  readonly ancestor: string;
  readonly maxCommits: number;
  readonly cache: object;
}): Promise<Descent> {
  const { gitdir, commit, ancestor, maxCommits, cache } = options;
  const seen = new Set([commit]);
  const waiting = [commit];
  let edge = false;
  for (let oid = waiting.shift(); oid !== undefined; oid = waiting.shift()) {
    if (oid === ancestor) return "yes";
    const parents = await parentsOf(gitdir, oid, cache);
    if (parents === undefined) edge = true;
    for (const parent of parents ?? []) {
      if (parent === ancestor) return "yes";
      if (seen.has(parent)) continue;
      if (seen.size >= maxCommits) return "unknown";
      seen.add(parent);
      waiting.push(parent);
    }
  }
  return edge ? "unknown" : "no";
}

async function parentsOf(
  gitdir: string,
  oid: string,
  cache: object,
): Promise<readonly string[] | undefined> {
  try {
    return (await git.readCommit({ fs, gitdir, oid, cache })).commit.parent;
  } catch (error) {
    if ((error as { code?: unknown }).code === "NotFoundError")
      return undefined;
    throw error;
  }
}
