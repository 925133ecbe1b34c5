import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const wheelhouse = join(root, "apps/cli/dist/wheelhouse.js");

/** The story's own promises: an act that does not come out as it says ends the demo with an error. */
const acts = [
  "The first rollout",
  "A good commit",
  "A bad commit",
  "Somebody edits a live object",
  "The hub is killed",
  "A cluster dies",
];

interface Told {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the demo as a person does, in a temporary folder of its own. */
function tellStory(args: readonly string[], folder: string): Promise<Told> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [wheelhouse, "demo", "--exit", ...args],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, TMPDIR: folder },
      },
    );
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

describe.each([
  { kind: "simulated clusters", args: [] },
  { kind: "real control planes", args: ["--real"] },
])("the demo's story on $kind", ({ args }) => {
  let folder: string;
  let told: Told;
  let figures: Record<string, number>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-e2e-"));
    const file = join(folder, "figures.json");
    told = await tellStory([...args, "--figures", file], folder);
    expect(told.code, `${told.out}\n${told.err}`).toBe(0);
    figures = JSON.parse(readFileSync(file, "utf8")) as typeof figures;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("plays all six acts in order", () => {
    const places = acts.map((act) => told.out.indexOf(act));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it("writes nothing in any cluster when the hub comes back", () => {
    expect(figures["writesAfterHubRestart"]).toBe(0);
  });

  it("measures what it promises to measure", () => {
    for (const name of [
      "firstReadyMs",
      "goodCommitMs",
      "stoppedMs",
      "healedMs",
      "recoveredMs",
    ]) {
      expect(figures[name]).toBeGreaterThan(0);
    }
  });

  it("leaves nothing behind in the temporary folder", () => {
    const left = readdirSync(folder).filter((name) =>
      name.startsWith("wheelhouse-demo-"),
    );
    expect(left).toEqual([]);
  });
});
