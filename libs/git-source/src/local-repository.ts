import fs from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import git from "isomorphic-git";
import {
  type GitResult,
  branchMissing,
  gitFailure,
  gitProblemOf,
} from "./git-problem.ts";
import { type GitRepository } from "./git-repository.ts";

/** A repository on this machine, read where it is: a work tree's, or a bare one. It is never written. */
export async function createLocalRepository(options: {
  readonly directory: string;
  readonly branch: string;
}): Promise<GitResult<{ readonly repository: GitRepository }>> {
  const { directory, branch } = options;
  const gitdir = await findGitdir(directory);
  if (gitdir === undefined) {
    return gitFailure(
      "notARepository",
      `${directory}: not a Git repository`,
      "Give the hub the path of a work tree or a bare repository.",
    );
  }
  const tip = async () => {
    // Moved away or unmounted, it would else look like one without branches.
    if ((await findGitdir(directory)) !== gitdir) return gone(directory);
    try {
      const ref = `refs/heads/${branch}`;
      const commit = await git.resolveRef({ fs, gitdir, ref });
      return { ok: true, commit } as const;
    } catch (error) {
      return isMissing(error)
        ? branchMissing(
            directory,
            branch,
            await git.listBranches({ fs, gitdir }),
          )
        : ({ ok: false, problem: gitProblemOf(error, directory) } as const);
    }
  };
  return {
    ok: true,
    repository: {
      name: directory,
      gitdir,
      tip,
      bring: tip,
      discard: () => Promise.resolve(),
    },
  };
}

function gone(directory: string) {
  return gitFailure(
    "notARepository",
    `${directory}: not a Git repository any longer`,
    "The hub keeps the last good revision until the repository is there again.",
  );
}

async function findGitdir(directory: string): Promise<string | undefined> {
  const dotGit = path.join(directory, ".git");
  if (await isDirectory(dotGit)) return dotGit;
  const isBare =
    (await isDirectory(path.join(directory, "objects"))) &&
    (await isDirectory(path.join(directory, "refs")));
  return isBare ? directory : await linkedGitdir(dotGit);
}

/** A linked work tree's `.git` is a file that leads to the repository. */
async function linkedGitdir(dotGit: string): Promise<string | undefined> {
  const text = await readText(dotGit);
  const target = /^gitdir: (.+)$/m.exec(text ?? "")?.[1];
  if (target === undefined) return undefined;
  const gitdir = path.resolve(path.dirname(dotGit), target);
  const common = (await readText(path.join(gitdir, "commondir")))?.trim();
  return common === undefined ? gitdir : path.resolve(gitdir, common);
}

async function isDirectory(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === "NotFoundError";
}
