import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodes } from "@wheelhouse/programs";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkout, runWheelhouse } from "./run-wheelhouse.ts";

const program = join(checkout, "apps/cli/dist/wheelhouse.js");

let folder: string;
let kustomize: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wheelhouse-exits-"));
  const tools = await ensureTools(["kustomize"], {
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  });
  kustomize = tools.kustomize;
  const repo = join(folder, "fleet");
  cpSync(join(checkout, "deploy/example-fleet"), repo, { recursive: true });
  const git = (...args: readonly string[]) =>
    execFileSync(
      "git",
      ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args],
      { cwd: repo },
    );
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "first");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) =>
  runWheelhouse(args, {
    env: {
      HOME: folder,
      KUBECONFIG: undefined,
      WHEELHOUSE_KUSTOMIZE: kustomize,
    },
  });

const children: ChildProcess[] = [];
afterEach(() => {
  for (const { pid } of children.splice(0)) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  }
});

/** What a command ends with that is interrupted once it has said these words: as Ctrl-C does, the signal reaches every process of it. */
function interrupt(
  args: readonly string[],
  words: string,
  signal: NodeJS.Signals,
): Promise<number | null> {
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    env: { ...process.env, HOME: folder, WHEELHOUSE_KUSTOMIZE: kustomize },
  });
  children.push(child);
  let said = "";
  let isSent = false;
  const listen = (chunk: Buffer) => {
    said += chunk.toString();
    if (isSent || !said.includes(words) || child.pid === undefined) return;
    isSent = true;
    process.kill(-child.pid, signal);
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  return new Promise((resolve) => child.on("close", resolve));
}

describe("exit codes", () => {
  it("are those of the guide", () => {
    const guide = readFileSync(join(checkout, "docs/guide/README.md"), "utf8");
    const rows = guide
      .slice(guide.indexOf("| exit code"))
      .split("\n")
      .map((line) => /^\| (\d+) +\|/.exec(line)?.[1])
      .filter((code) => code !== undefined);
    expect(rows.map(Number)).toEqual(Object.values(exitCodes));
  });

  it(
    "is 0 for a hub that is stopped by Ctrl-C or by SIGTERM",
    { timeout: 120_000 },
    async () => {
      const data = join(folder, "hub");
      const root = join(folder, "root.json");
      const made = await run(
        ...["init", "--data", data, "--root-key", root, "--fleet", "main"],
      );
      expect([made.code, made.err]).toEqual([exitCodes.done, ""]);
      const repo = join(folder, "fleet");
      const hub = [
        ...["hub", "--data", data, "--repo", repo, "--branch", "main"],
        ...["--listen", "127.0.0.1:0", "--link-listen", "127.0.0.1:0"],
      ];
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        expect(await interrupt(hub, "log in, once", signal), signal).toBe(
          exitCodes.done,
        );
      }
      const again = await run(
        ...["init", "--data", data, "--root-key", root, "--fleet", "main"],
      );
      expect(again.code).toBe(exitCodes.refused);
    },
  );

  it("is 3 for a hub that cannot start", async () => {
    const { code, err } = await run(
      ...["hub", "--data", join(folder, "none"), "--repo", folder],
    );
    expect(err).toContain("the hub cannot start");
    expect(code).toBe(exitCodes.refused);
  });

  it("is 3 for a command that reaches no hub", async () => {
    const { code } = await run("status");
    expect(code).toBe(exitCodes.refused);
  });

  // Far less than the story itself waits for what does not come.
  it.each(["hub", "The first rollout", "prod-us-1"])(
    "is 130 for a demo that is interrupted as soon as it says %j",
    { timeout: 120_000 },
    async (words) => {
      const code = await interrupt(["demo"], words, "SIGINT");
      expect(code).toBe(exitCodes.interrupted);
    },
  );
});
