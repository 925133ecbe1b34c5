import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { parse, stringify } from "yaml";
import { writeContext } from "../hub-context.ts";
import { type Terminal } from "../output.ts";
import { exampleFleet, programPath } from "../program-path.ts";
import {
  type LocalFleet,
  createRealClusters,
  createSimulatedClusters,
  followFleet,
  startLocalFleet,
} from "@wheelhouse/local-fleet";
import { createNarrator, formatSeconds } from "./narrator.ts";
import { type StoryFigures, playStory } from "./story.ts";

interface DemoOptions {
  readonly exit?: boolean;
  readonly real?: boolean;
  readonly port?: number;
  readonly figures?: string;
}

/** `wheelhouse demo`. */
export function addDemoCommand(program: Command, terminal: Terminal): void {
  program
    .command("demo")
    .description("a hub and three clusters here, and a story in six acts")
    .option("--exit", "end after the story; else it stays up to play with")
    .option("--real", "three real control planes instead of simulated ones")
    .option(
      "--port <port>",
      "where the page is; default: a free port",
      parsePort,
    )
    .option("--figures <file>", "write what the story measured, as JSON")
    .action((options: DemoOptions) => runDemo(terminal, options));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError("a port from 1 to 65535.");
}

async function runDemo(
  terminal: Terminal,
  options: DemoOptions,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "wheelhouse-demo-"));
  const ended = awaitSignal();
  let world: LocalFleet | undefined;
  try {
    world = await prepare(terminal, options, directory);
    const story = tell(terminal, options, world);
    const outcome = await Promise.race([story, ended]);
    if (outcome === "ended" || options.exit === true) return;
    writeInvitation(terminal, world);
    await ended;
  } catch (error) {
    const logs = world === undefined ? "" : `\n${world.logs()}\n`;
    terminal.err.write(logs);
    throw error;
  } finally {
    await world?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Resolves at Ctrl-C or SIGTERM, so that everything is stopped in order. */
function awaitSignal(): Promise<"ended"> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        process.exitCode = 130;
        resolve("ended");
      });
    }
  });
}

async function prepare(
  terminal: Terminal,
  options: DemoOptions,
  directory: string,
): Promise<LocalFleet> {
  const onProgress = createProgressLine(terminal.err);
  const { kustomize } = await ensureTools(["kustomize"], {
    env: process.env,
    onProgress,
  });
  // The hub finds it where we did, without looking again.
  process.env["WHEELHOUSE_KUSTOMIZE"] = kustomize;
  const makeCluster =
    options.real === true
      ? await createRealClusters(directory, terminal.err)
      : createSimulatedClusters(directory);
  const world = await startLocalFleet({
    directory,
    files: exampleFleet,
    makeCluster,
    programs: { hub: programPath("hub"), spoke: programPath("spoke") },
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  writeContext(join(directory, "config"), {
    name: "demo",
    server: world.server,
    token: world.token,
  });
  return world;
}

async function tell(
  terminal: Terminal,
  options: DemoOptions,
  world: LocalFleet,
): Promise<"told"> {
  const startedMs = Date.now();
  const narrator = createNarrator(terminal.out, terminal.palette);
  const fleet = followFleet(world.client);
  fleet.onView((view) => narrator.show(view));
  const kind = options.real === true ? "real" : "simulated";
  narrator.say(
    `A hub, a Git server and three ${kind} clusters, all on this machine. The page: ${world.loginLink()}`,
  );
  try {
    const figures = await playStory({ world, fleet, narrator }, startedMs);
    writeFigures(terminal, options, figures, Date.now() - startedMs);
    return "told";
  } finally {
    fleet.stop();
  }
}

function writeFigures(
  terminal: Terminal,
  options: DemoOptions,
  figures: StoryFigures,
  totalMs: number,
): void {
  if (options.figures !== undefined) {
    writeFileSync(
      options.figures,
      `${JSON.stringify({ ...figures, totalMs }, null, 2)}\n`,
    );
  }
  terminal.out.write(
    `\nThe story took ${formatSeconds(totalMs)}: first Ready ${formatSeconds(figures.firstReadyMs)}, a commit through three waves ${formatSeconds(figures.goodCommitMs)}, a bad one stopped ${formatSeconds(figures.stoppedMs)}, drift healed ${formatSeconds(figures.healedMs)}, a dead cluster back ${formatSeconds(figures.recoveredMs)}.\n`,
  );
}

interface KubeconfigFile {
  readonly clusters: { name: string; cluster: object }[];
  readonly users: { name: string; user: object }[];
}

/** One kubeconfig with a context for each cluster, as people have it. */
function writeKubeconfig(world: LocalFleet): string {
  const path = join(world.directory, "kubeconfig");
  const parts = [...world.clusters].map(([name, { kubeconfigPath }]) => {
    const text = readFileSync(kubeconfigPath, "utf8");
    const { clusters, users } = parse(text) as KubeconfigFile;
    return {
      cluster: { name, cluster: clusters[0]?.cluster ?? {} },
      user: { name, user: users[0]?.user ?? {} },
      context: { name, context: { cluster: name, user: name } },
    };
  });
  const file = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": parts[0]?.context.name ?? "",
    clusters: parts.map(({ cluster }) => cluster),
    users: parts.map(({ user }) => user),
    contexts: parts.map(({ context }) => context),
  };
  writeFileSync(path, stringify(file), { mode: 0o600 });
  return path;
}

function writeInvitation(terminal: Terminal, world: LocalFleet): void {
  const kubeconfig = writeKubeconfig(world);
  terminal.out.write(
    [
      "",
      "It stays up until Ctrl-C. In another terminal:",
      "",
      `  export WHEELHOUSE_CONFIG=${join(world.directory, "config")} KUBECONFIG=${kubeconfig}`,
      "  npx wheelhouse status",
      "  kubectl --context prod-us-1 -n webapp delete deployment backend   # it comes back; and then:",
      "  npx wheelhouse drift",
      "",
      `The repository to commit to: ${world.repo.workTree}  (git commit, git push)`,
      `The page: ${world.loginLink()}`,
      "",
      "",
    ].join("\n"),
  );
}
