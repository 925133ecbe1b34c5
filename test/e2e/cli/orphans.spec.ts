import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitUntil } from "@wheelhouse/testing";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExampleRepository } from "./example-repository.ts";
import { useProcessGroups } from "./process-groups.ts";
import { checkout, runWheelhouse } from "./run-wheelhouse.ts";
import { startSilentServer } from "./silent-server.ts";

const run = promisify(execFile);
const program = join(checkout, "apps/cli/dist/wheelhouse.js");

/** A stop itself takes 20 s at most; the rest is for a busy machine. */
const withinMs = 90_000;

let folder: string;
let env: Readonly<Record<string, string | undefined>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wheelhouse-orphans-"));
  const { kustomize } = await ensureTools(["kustomize"], {
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  });
  const own = { HOME: folder, TMPDIR: folder };
  env = { ...process.env, ...own, WHEELHOUSE_KUSTOMIZE: kustomize };
  createExampleRepository(join(folder, "fleet"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const groups = useProcessGroups();

/** Starts `wheelhouse ARGS…` in a process group of its own. */
function start(args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    env,
  });
  groups.add(child);
  let said = "";
  const listen = (chunk: Buffer) => (said += chunk.toString());
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const until = (words: string) =>
    waitUntil(words, () => said.includes(words), withinMs);
  return { child, until };
}

/** The processes of a group that run: one that only waits to be reaped does not. */
async function runningOf(group: number | undefined): Promise<string[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pgid=,stat=,args="]);
  return stdout
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => new RegExp(`^${group ?? 0}\\s+[^Z\\s]`).test(line));
}

/** Kills the first process of a group alone, and waits until no other is left. */
async function killAndWait({ pid }: ChildProcess): Promise<void> {
  const before = await runningOf(pid);
  expect(before.length).toBeGreaterThan(1);
  process.kill(pid ?? 0, "SIGKILL");
  await waitUntil(
    "no orphan is left",
    async () => (await runningOf(pid)).length === 0,
    withinMs,
  );
}

describe("a command that is killed leaves nothing running", () => {
  it(
    "of a hub, whose data directory is free",
    { timeout: 300_000 },
    async () => {
      const data = join(folder, "hub");
      const rootKey = join(folder, "root.json");
      const init = ["init", "--data", data, "--fleet", "main"];
      const made = await runWheelhouse([...init, "--root-key", rootKey], {
        env,
      });
      expect([made.code, made.err]).toEqual([0, ""]);
      const hub = [
        ...["hub", "--data", data, "--repo", join(folder, "fleet")],
        ...["--listen", "127.0.0.1:0", "--link-listen", "127.0.0.1:0"],
        ...["--branch", "main"],
      ];
      const first = start(hub);
      await first.until("log in, once");
      await killAndWait(first.child);
      await first.until("hub stopped");
      const second = start(hub);
      await second.until("log in, once");
      await killAndWait(second.child);
    },
  );

  it("of a spoke", { timeout: 200_000 }, async () => {
    const kubeconfig = join(folder, "silent.kubeconfig");
    const silent = await startSilentServer(kubeconfig);
    const { child, until } = start(["spoke", "--kubeconfig", kubeconfig]);
    await silent.asked;
    await killAndWait(child);
    await until("spoke stopped");
    silent.close();
  });

  it("of a demo with its hub and spokes", { timeout: 300_000 }, async () => {
    const { child, until } = start(["demo"]);
    await until("prod-us-1");
    await killAndWait(child);
  });
});
