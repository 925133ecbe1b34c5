import { execFile } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A fleet repo with a work tree to change and a bare twin that is served. */
export interface FleetRepo {
  /** The bare repository. */
  readonly bareDirectory: string;
  readonly workTree: string;
  /** Replaces text in files, commits and pushes; returns the commit. Throws where a text is not there. */
  change(
    subject: string,
    edits: readonly { file: string; from: string | RegExp; to: string }[],
  ): Promise<string>;
}

/** Nothing of the user's own git configuration reaches the demo. */
const gitEnvironment = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "platform team",
  GIT_AUTHOR_EMAIL: "platform@example.com",
  GIT_COMMITTER_NAME: "platform team",
  GIT_COMMITTER_EMAIL: "platform@example.com",
};

/** Makes a repository out of an example's files, with one commit on `main`. */
export async function createFleetRepo(
  example: string,
  directory: string,
): Promise<FleetRepo> {
  const workTree = join(directory, "fleet");
  const bareDirectory = join(directory, "served", "fleet.git");
  const git = async (...args: string[]) => {
    const env = { ...process.env, ...gitEnvironment };
    const { stdout } = await run("git", args, { cwd: workTree, env });
    return stdout.trim();
  };
  cpSync(example, workTree, { recursive: true });
  await git("init", "--quiet", "--initial-branch", "main");
  await git(
    "init",
    "--quiet",
    "--bare",
    "--initial-branch",
    "main",
    bareDirectory,
  );
  await git("remote", "add", "origin", bareDirectory);
  const commitAll = async (subject: string) => {
    await git("add", "--all");
    await git("commit", "--quiet", "--message", subject);
    await git("push", "--quiet", "--set-upstream", "origin", "main");
    return git("rev-parse", "HEAD");
  };
  await commitAll("the web application on three clusters");
  return {
    bareDirectory,
    workTree,
    change: (subject, edits) => {
      for (const edit of edits) changeFile(join(workTree, edit.file), edit);
      return commitAll(subject);
    },
  };
}

function changeFile(
  path: string,
  { from, to }: { readonly from: string | RegExp; readonly to: string },
): void {
  const before = readFileSync(path, "utf8");
  const after = before.replace(from, to);
  if (after === before)
    throw new Error(`${path}: ${String(from)} is not there`);
  writeFileSync(path, after);
}
