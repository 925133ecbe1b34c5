import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./run-wheelhouse.ts";

/** Makes a directory a Git repository with one commit, of the example fleet. */
export function createExampleRepository(directory: string): void {
  cpSync(join(checkout, "deploy/example-fleet"), directory, {
    recursive: true,
  });
  const git = (...args: readonly string[]) =>
    execFileSync(
      "git",
      ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args],
      { cwd: directory },
    );
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "first");
}
