import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { waitUntil } from "@wheelhouse/testing";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runWheelhouse } from "../cli/run-wheelhouse.ts";

const run = promisify(execFile);

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

/** A demo that runs. */
interface Story {
  /** What it has said so far, once that has these words; rejects where it ended before. */
  until(words: string): Promise<string>;
  readonly told: Promise<Told>;
  /** Ctrl-C, to this process alone. */
  interrupt(): void;
}

/** A real cluster's own controllers write a Deployment too: its revision, its scale. */
function isNoController(writer: string): boolean {
  return !writer.startsWith("kube-controller-manager");
}

/** Ends only a story that never ends: three control planes on a busy machine need most of it. */
const storyMs = 1_500_000;

/** Runs the demo as a person does, in a temporary folder of its own; the signal ends it as Ctrl-C would. */
function startStory(
  args: readonly string[],
  folder: string,
  signal: AbortSignal,
): Story {
  const child = spawn(process.execPath, [wheelhouse, "demo", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: folder },
  });
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const told = new Promise<Told>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
  const said = (words: string) =>
    new Promise<string>((resolve) => {
      const look = () => {
        if (out.includes(words)) resolve(out);
      };
      child.stdout.on("data", look);
      look();
    });
  const broken = told.then((end) => {
    throw new Error(`ended with ${end.code}\n${end.out}\n${end.err}`);
  });
  broken.catch(() => undefined);
  return {
    told,
    until: (words) => Promise.race([said(words), broken]),
    interrupt: () => child.kill("SIGINT"),
  };
}

/** What a demo that stays up prints last of all. */
const invitationEnd = "hub/admin-token\n";

/** Whether anything listens there. */
function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("close", () => socket.destroy());
    socket.on("connect", () => socket.end());
  });
}

describe.each([
  { kind: "simulated clusters", args: [] },
  { kind: "real control planes", args: ["--real", "--exit"] },
])("the demo's story on $kind", ({ args }) => {
  const staysUp = !args.includes("--exit");
  /** A test of a demo that stays up; of one that ends there is none, which is not one that is skipped. */
  const itThatStaysUp = (title: string, test: () => Promise<void>) => {
    if (staysUp) it(title, test);
  };
  let folder: string;
  let story: Story;
  let out: string;
  const ended = new AbortController();
  let figures: Figures;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-e2e-"));
    const file = join(folder, "figures.json");
    const all = [...args, "--figures", file];
    story = startStory(all, folder, ended.signal);
    if (staysUp) out = await story.until(invitationEnd);
    else {
      const told = await story.told;
      expect(told.code, `${told.out}\n${told.err}`).toBe(0);
      out = told.out;
    }
    figures = JSON.parse(readFileSync(file, "utf8")) as Figures;
  }, storyMs);
  afterAll(() => {
    // A story that took too long must not outlive its test.
    ended.abort();
    rmSync(folder, { recursive: true, force: true });
  });

  it("plays all six acts in order", () => {
    const places = acts.map((act) => out.indexOf(act));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it("keeps a bad commit out of production, by what its API servers recorded", () => {
    expect(figures.productionWrites).toBe(0);
    expect(out).toContain("Halted at staging");
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

  itThatStaysUp("stays up to play with, by what it printed", async () => {
    const [, config = "", kubeconfig = ""] =
      /export WHEELHOUSE_CONFIG=(\S+) KUBECONFIG=(\S+)/.exec(out) ?? [];
    const env = { WHEELHOUSE_CONFIG: config, WHEELHOUSE_CALLED_AS: "w" };
    const { kubectl } = await ensureTools(["kubectl"], {
      env: process.env,
      onProgress: createProgressLine(process.stderr),
    });
    const ask = async (line: string) => {
      const { stdout } = await run(kubectl, line.split(" "), {
        env: {
          PATH: process.env["PATH"],
          // kubectl keeps what it discovers there.
          HOME: folder,
          KUBECONFIG: kubeconfig,
        },
      });
      return stdout;
    };
    for (const context of ["staging-1", "prod-eu-1", "prod-us-1"]) {
      const shown = await ask(`--context ${context} -n webapp get deploy`);
      expect(shown).toMatch(/^backend +\d+\/\d+ /m);
    }
    const status = await runWheelhouse(["status"], { env });
    expect([status.code, status.err]).toEqual([0, ""]);
    expect(status.out).toMatch(/^prod-us-1 .*Converged/m);

    const image = "jsonpath={.spec.template.spec.containers[0].image}";
    const inWebapp = "--context prod-us-1 -n webapp";
    const before = await ask(`${inWebapp} get deployment backend -o ${image}`);
    await ask(`${inWebapp} set image deployment/backend backend=nginx:1`);
    // What kubectl waits for is what a person would look for.
    await ask(
      `${inWebapp} wait deployment/backend --for=${image}=${before} --timeout=120s`,
    );
    const [, remove = ""] =
      /^ {2}kubectl (.*?) {3}# it comes back/m.exec(out) ?? [];
    expect(await ask(remove)).toContain('"backend" deleted');
    await ask(
      `${inWebapp} wait deployment/backend --for=create --timeout=120s`,
    );
    await waitUntil(
      "the edit is in the ledger",
      async () => {
        const { out: drift } = await runWheelhouse(["drift"], { env });
        return /prod-us-1 +Deployment webapp\/backend .*nginx:1/m.test(drift);
      },
      120_000,
    );
  });

  itThatStaysUp("ends with 0 at Ctrl-C, and listens no more", async () => {
    const ports = [...out.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) =>
      Number(port),
    );
    expect(await isListening(ports[0] ?? 0)).toBe(true);
    story.interrupt();
    const { code, err } = await story.told;
    expect([code, err]).toEqual([0, ""]);
    for (const port of ports) expect(await isListening(port)).toBe(false);
  });

  it("leaves nothing behind in the temporary folder", () => {
    const left = readdirSync(folder).filter((name) =>
      name.startsWith("wheelhouse-demo-"),
    );
    expect(left).toEqual([]);
  });
});
