import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A Git repository with a work tree, made by the real git. */
export interface TestRepository {
  readonly directory: string;
  /** Writes files (null deletes one) and commits them on `main`; returns the commit. */
  commit(
    subject: string,
    files: Readonly<Record<string, string | null>>,
  ): string;
}

/** Makes an empty repository in a directory. */
export function createTestRepository(directory: string): TestRepository {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", directory, ...identity, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  mkdirSync(directory, { recursive: true });
  git("init", "-q", "-b", "main");
  return {
    directory,
    commit: (subject, files) => {
      for (const [name, content] of Object.entries(files)) {
        const file = path.join(directory, name);
        mkdirSync(path.dirname(file), { recursive: true });
        if (content === null) rmSync(file);
        else writeFileSync(file, content);
      }
      git("add", "-A");
      git("commit", "-q", "--allow-empty", "-m", subject);
      return git("rev-parse", "HEAD");
    },
  };
}

const identity = [
  "-c",
  "user.name=Fleet Author",
  "-c",
  "user.email=author@example.com",
  "-c",
  "commit.gpgsign=false",
];
