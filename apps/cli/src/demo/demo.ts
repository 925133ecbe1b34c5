import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as oneTurn } from "node:timers/promises";
import { exitCodes, writeAsCalled } from "@wheelhouse/programs";
import { removeStaleFolders, scratchPrefix } from "@wheelhouse/scratch-folder";
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
import { type DemoOptions } from "./demo-command.ts";
import { type Narrator, createNarrator } from "./narrator.ts";
import { formatSeconds } from "./seconds.ts";
import { type StoryFigures, playStory } from "./story.ts";

/** Brings up a hub and its clusters, plays the story, and keeps them up until Ctrl-C unless told to exit: only a story that is broken off is `interrupted`. Rejects where the story cannot be told. */
export async function runDemo(
  terminal: Terminal,
  options: DemoOptions,
): Promise<void> {
  await removeStaleFolders();
  const directory = mkdtempSync(join(tmpdir(), scratchPrefix("demo")));
  const end = new AbortController();
  const { signal } = end;
  const ended = awaitEnd(terminal).finally(() => end.abort());
  const narrator = narrate(terminal);
  let world: LocalFleet | undefined;
  try {
    world = await prepare({ terminal, options, directory, narrator, signal });
    const story = tell({ terminal, options, narrator, world, signal });
    const outcome = await Promise.race([story, ended]);
    if (outcome === "ended") terminal.setExitCode(exitCodes.interrupted);
    if (outcome === "ended" || options.exit === true) return;
    writeInvitation(terminal, world);
    await ended;
  } catch (error) {
    // Ctrl-C reaches hub and spokes, too, and they may be heard of first: what fails then is no failure.
    await oneTurn();
    if (signal.aborted) {
      terminal.setExitCode(exitCodes.interrupted);
      return;
    }
    const logs = world === undefined ? "" : `\n${world.logs()}\n`;
    terminal.err.write(logs);
    throw error;
  } finally {
    if (world !== undefined) {
      if (signal.aborted) narrator.say("Stopping the hub and the clusters.");
      await narrator.waiting("everything is stopped", world.stop());
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What the story says that it does can be typed here as it stands. */
function narrate({ out, palette, calledAs }: Terminal): Narrator {
  const narrator = createNarrator(out, palette);
  const say = (text: string) => narrator.say(writeAsCalled(text, calledAs));
  return { ...narrator, say };
}

/** The same narrator, which waits for nothing any more, and shows nothing, once the signal is given. */
function untilAborted(narrator: Narrator, signal: AbortSignal): Narrator {
  return {
    ...narrator,
    waiting: (what, promise) =>
      narrator.waiting(
        what,
        new Promise((resolve, reject) => {
          const abort = () => reject(new Error("the demo was interrupted"));
          signal.addEventListener("abort", abort);
          promise.then(resolve, reject).finally(() => {
            signal.removeEventListener("abort", abort);
          });
          if (signal.aborted) abort();
        }),
      ),
    show: (view) => {
      if (!signal.aborted) narrator.show(view);
    },
  };
}

/** A signal so soon after the first is the same one: it reached us, and who started us, who passed it on. */
const echoMs = 1_000;

/** Resolves at Ctrl-C, SIGTERM, or when nobody reads the story any more, so that everything is stopped in order. Who asks again does not want to wait for that. */
function awaitEnd({ out }: Terminal): Promise<"ended"> {
  return new Promise((resolve) => {
    let endedMs: number | undefined;
    const end = () => {
      endedMs ??= performance.now();
      resolve("ended");
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        end();
        if (performance.now() - (endedMs ?? 0) > echoMs) {
          process.exit(exitCodes.interrupted);
        }
      });
    }
    // Every write after the reader has gone fails; the first one is enough.
    out.on("error", end);
  });
}

async function prepare(demo: {
  readonly terminal: Terminal;
  readonly options: DemoOptions;
  readonly directory: string;
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
}): Promise<LocalFleet> {
  const { terminal, options, directory, narrator, signal } = demo;
  const onProgress = createProgressLine(terminal.err);
  const { kustomize } = await ensureTools(["kustomize"], {
    env: process.env,
    onProgress,
    signal,
  });
  // The hub finds it where we did, without looking again.
  process.env["WHEELHOUSE_KUSTOMIZE"] = kustomize;
  const makeCluster =
    options.real === true
      ? await createRealClusters(directory, terminal.err)
      : createSimulatedClusters(directory);
  const starting = startLocalFleet({
    directory,
    files: exampleFleet,
    makeCluster,
    programs: { hub: programPath("hub"), spoke: programPath("spoke") },
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  const world = await narrator.waiting(
    "a repository, keys and a hub are made",
    starting,
  );
  writeContext(join(directory, "config"), {
    name: "demo",
    server: world.server,
    token: world.token,
  });
  return world;
}

async function tell(demo: {
  readonly terminal: Terminal;
  readonly options: DemoOptions;
  readonly narrator: Narrator;
  readonly world: LocalFleet;
  readonly signal: AbortSignal;
}): Promise<"told"> {
  const { terminal, options, world, signal } = demo;
  const narrator = untilAborted(demo.narrator, signal);
  const startedMs = Date.now();
  const fleet = followFleet(world.client);
  signal.addEventListener("abort", () => fleet.stop());
  fleet.onView((view) => narrator.show(view));
  const kind = options.real === true ? "real" : "simulated";
  narrator.say(
    `A hub, a Git server and three ${kind} clusters, all on this machine. The page (this link logs in once): ${world.loginLink()}`,
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
  const text = [
    "",
    "It stays up until Ctrl-C. In another terminal:",
    "",
    `  export WHEELHOUSE_CONFIG=${join(world.directory, "config")} KUBECONFIG=${kubeconfig}`,
    "  wheelhouse status",
    "  kubectl --context prod-us-1 -n webapp delete deployment backend   # it comes back; and then:",
    "  wheelhouse drift",
    "",
    `The repository to commit to: ${world.repo.workTree}  (git commit, git push)`,
    `The page: ${world.loginLink()}`,
    "The link logs in once. For another browser, or another window, the page takes the token in",
    `  ${join(world.directory, "hub/admin-token")}`,
    "",
    "",
  ].join("\n");
  terminal.out.write(writeAsCalled(text, terminal.calledAs));
}
