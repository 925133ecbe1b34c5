import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodes } from "@wheelhouse/programs";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExampleRepository } from "./example-repository.ts";
import { useProcessGroups } from "./process-groups.ts";
import { checkout, runWheelhouse } from "./run-wheelhouse.ts";
import { startSilentServer } from "./silent-server.ts";

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
  createExampleRepository(join(folder, "fleet"));
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

const groups = useProcessGroups();

/** How a program ended that was told to stop. */
interface Stopped {
  /** Null where the signal itself ended it. */
  readonly code: number | null;
  readonly said: string;
}

/** Stops a command once it has said these words: Ctrl-C reaches every process of it, what a supervisor sends the first alone. */
function interrupt(
  args: readonly string[],
  words: string,
  signal: NodeJS.Signals,
  reaches: "all" | "first" = "all",
): Promise<Stopped> {
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    env: { ...process.env, HOME: folder, WHEELHOUSE_KUSTOMIZE: kustomize },
  });
  groups.add(child);
  let said = "";
  let isSent = false;
  const listen = (chunk: Buffer) => {
    said += chunk.toString();
    if (isSent || !said.includes(words) || child.pid === undefined) return;
    isSent = true;
    process.kill(reaches === "all" ? -child.pid : child.pid, signal);
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  return new Promise((resolve) =>
    child.on("close", (code) => resolve({ code, said })),
  );
}

/** A stack, or words of an error. */
const trouble = /^\s+at |Error|cannot|^[x✕] /m;

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

  describe("is 0 for a hub", () => {
    const data = () => join(folder, "hub");
    const init = () =>
      run(
        ...["init", "--data", data(), "--fleet", "main"],
        ...["--root-key", join(folder, "root.json")],
      );
    beforeAll(async () => {
      const made = await init();
      expect([made.code, made.err]).toEqual([exitCodes.done, ""]);
    });

    it.each([
      // The first word of all, before anything is loaded.
      ["hub starts", "SIGTERM", "first"],
      // About the token, before anything is begun.
      ["! ", "SIGINT", "all"],
      // While it compiles its first revision.
      ["revision compiled", "SIGTERM", "first"],
      ["log in, once", "SIGTERM", "first"],
      ["log in, once", "SIGTERM", "all"],
      ["log in, once", "SIGINT", "all"],
    ] as const)(
      "that is stopped once it says %j, by %s to %s",
      { timeout: 120_000 },
      async (words, signal, reaches) => {
        const repo = join(folder, "fleet");
        const hub = [
          ...["hub", "--data", data(), "--repo", repo, "--branch", "main"],
          ...["--listen", "127.0.0.1:0", "--link-listen", "127.0.0.1:0"],
          ...["--repo-token", "seen-by-everybody"],
        ];
        const { code, said } = await interrupt(hub, words, signal, reaches);
        expect(said).not.toMatch(trouble);
        expect(code).toBe(exitCodes.done);
      },
    );

    it("and 3 for an init in its place", async () => {
      expect((await init()).code).toBe(exitCodes.refused);
    });
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "is 0 for a spoke that is stopped by %s while its API server is silent",
    { timeout: 120_000 },
    async (signal) => {
      const kubeconfig = join(folder, "silent.kubeconfig");
      const silent = await startSilentServer(kubeconfig);
      const child = spawn(
        process.execPath,
        [program, "spoke", "--kubeconfig", kubeconfig],
        { stdio: "ignore", detached: true },
      );
      groups.add(child);
      // It asks: from then on it must listen to us.
      await silent.asked;
      child.kill(signal);
      const [code] = (await once(child, "close")) as [number | null];
      expect(code).toBe(exitCodes.done);
      silent.close();
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
  it.each([
    ["hub", "SIGINT", "all"],
    ["hub", "SIGTERM", "first"],
    ["The first rollout", "SIGINT", "all"],
    ["prod-us-1", "SIGINT", "all"],
  ] as const)(
    "is 130 for a demo that as soon as it says %j is told %s, %s of it",
    { timeout: 120_000 },
    async (words, signal, reaches) => {
      const { code, said } = await interrupt(["demo"], words, signal, reaches);
      expect(said).not.toMatch(trouble);
      expect(code).toBe(exitCodes.interrupted);
    },
  );
});
