import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { lockDataFile } from "./data-lock.ts";

const here = path.dirname(fileURLToPath(import.meta.url));

/** Takes the lock in a process of its own, and keeps it until that is killed. */
const program = `
  import { lockDataFile } from "./data-lock.ts";
  try {
    lockDataFile(process.argv[1]);
    console.log("held");
    setInterval(() => undefined, 60_000);
  } catch (error) {
    console.log(error.message);
  }
`;

describe("the lock of a data file", () => {
  let code: string;
  let folder: string;
  let file: string;
  let started: ChildProcess[];

  beforeAll(() => {
    const { outputFiles } = buildSync({
      stdin: { contents: program, resolveDir: here },
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      packages: "external",
    });
    code = outputFiles[0]?.text ?? "";
  });

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "data-lock-"));
    file = path.join(folder, "hub.db");
    started = [];
  });

  afterEach(async () => {
    await Promise.all(started.map(kill));
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a process that wants the lock; resolves with its first word. */
  const start = async (): Promise<{ child: ChildProcess; said: string }> => {
    const child = spawn(
      process.execPath,
      ["--input-type=module", "-e", code, file],
      { cwd: here, stdio: ["ignore", "pipe", "inherit"] },
    );
    started.push(child);
    const said = await new Promise<string>((resolve) => {
      child.stdout?.once("data", (data: Buffer) =>
        resolve(data.toString().trim()),
      );
    });
    return { child, said };
  };

  it("is refused to another process, which learns who has it", async () => {
    const first = await start();
    expect(first.said).toBe("held");
    const { said } = await start();
    expect(said).toContain(`${file}: another hub (process ${first.child.pid}`);
    expect(said).toContain(`on ${hostname()}, since 2`);
  });

  it("is free when its process was killed, and of many only one has it then", async () => {
    const first = await start();
    await kill(first.child);
    const all = await Promise.all([start(), start(), start(), start()]);
    const winners = all.filter(({ said }) => said === "held");
    expect(winners).toHaveLength(1);
  });

  it("holds though the holder has the very process id of the one who asks", async () => {
    await start();
    // As two containers on one volume: in each the hub is process 1.
    writeFileSync(`${file}-holder`, `${process.pid} other\n`);
    expect(() => lockDataFile(file)).toThrow("on other");
  });

  it("is free though a holder is written down that has this process id", () => {
    writeFileSync(`${file}-holder`, `${process.pid} ${hostname()}\n`);
    lockDataFile(file)();
  });

  it("is not lost by a second try in the same process", async () => {
    const release = lockDataFile(file);
    expect(() => lockDataFile(file)).toThrow("another hub");
    expect((await start()).said).toContain(`(process ${process.pid} on`);
    release();
    release();
    expect((await start()).said).toBe("held");
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
