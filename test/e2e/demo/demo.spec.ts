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

/** What the story writes of itself; the acts reject by themselves where one does not come out. */
interface Figures {
  readonly firstReadyMs: number;
  readonly goodCommitMs: number;
  readonly stoppedMs: number;
  readonly productionWrites: number;
  readonly healedMs: number;
  readonly drift: Readonly<Record<string, string | null>>;
  readonly backendWriters: readonly string[];
  readonly writesAfterHubRestart: number;
  readonly recoveredMs: number;
  readonly recoveredOrder: readonly string[];
  readonly totalMs: number;
}

interface Told {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A real cluster's own controllers write a Deployment too: its revision, its scale. */
function isNoController(writer: string): boolean {
  return !writer.startsWith("kube-controller-manager");
}

/** Ends only a story that never ends: three control planes on a busy machine need most of it. */
const storyMs = 1_500_000;

/** Runs the demo as a person does, in a temporary folder of its own; the signal ends it as Ctrl-C would. */
function tellStory(
  args: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [wheelhouse, "demo", "--exit", ...args],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, TMPDIR: folder },
      },
    );
    const stop = () => child.kill("SIGTERM");
    signal.addEventListener("abort", stop, { once: true });
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
  const ended = new AbortController();
  let figures: Figures;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-e2e-"));
    const file = join(folder, "figures.json");
    told = await tellStory([...args, "--figures", file], folder, ended.signal);
    expect(told.code, `${told.out}\n${told.err}`).toBe(0);
    figures = JSON.parse(readFileSync(file, "utf8")) as Figures;
  }, storyMs);
  afterAll(() => {
    // A story that took too long must not outlive its test.
    ended.abort();
    rmSync(folder, { recursive: true, force: true });
  });

  it("plays all six acts in order", () => {
    const places = acts.map((act) => told.out.indexOf(act));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it("keeps a bad commit out of production, by what its API servers recorded", () => {
    expect(figures.productionWrites).toBe(0);
    expect(told.out).toContain("Halted at staging");
  });

  it("names who edited what, and heals it with one write", () => {
    expect(figures.drift).toEqual({
      object: "Deployment webapp/backend",
      writer: "kubectl-edit",
      field: 'spec.template.spec.containers[name="backend"].image',
      wanted: '"ghcr.io/stefanprodan/podinfo:6.9.2"',
      found: '"ghcr.io/stefanprodan/podinfo:6.0.0"',
      state: "healed",
    });
    const writers = figures.backendWriters.filter(isNoController);
    expect(writers).toEqual(["kubectl-edit", "the spoke"]);
  });

  it("writes nothing in any cluster when the hub comes back", () => {
    expect(figures.writesAfterHubRestart).toBe(0);
  });

  it("brings the new cluster up in dependency order, by what its API server recorded", () => {
    const order = figures.recoveredOrder.map((one) => one.split("/").at(-1));
    const place = (name: string) => order.indexOf(name);
    expect(place("webapp-common")).toBeGreaterThanOrEqual(0);
    expect(place("webapp-backend")).toBeGreaterThan(place("webapp-common"));
    expect(place("webapp-frontend")).toBeGreaterThan(place("webapp-backend"));
  });

  it("measures what it promises to measure", () => {
    const { firstReadyMs, goodCommitMs, stoppedMs, healedMs, recoveredMs } =
      figures;
    for (const ms of [
      firstReadyMs,
      goodCommitMs,
      stoppedMs,
      healedMs,
      recoveredMs,
    ]) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(figures.totalMs);
    }
  });

  it("leaves nothing behind in the temporary folder", () => {
    const left = readdirSync(folder).filter((name) =>
      name.startsWith("wheelhouse-demo-"),
    );
    expect(left).toEqual([]);
  });
});
