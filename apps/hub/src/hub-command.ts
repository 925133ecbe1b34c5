import path from "node:path";
import { fileURLToPath } from "node:url";
import { exitCodes } from "@wheelhouse/programs";
import { removeStaleFolders } from "@wheelhouse/scratch-folder";
import { createProgressLine } from "@wheelhouse/tools";
import { bringRenderer } from "./bring-renderer.ts";
import { whyDataIsOpen } from "./data-folder.ts";
import { withoutSecrets } from "./first-line.ts";
import type { Hub } from "./hub.ts";
import { type CommandOutcome, runDelegate, runInit } from "./init-command.ts";
import { type HubLog, createHubLog, describeError } from "./log.ts";
import { type HubSettings, parseSettings } from "./settings.ts";
import { describeStartError } from "./start-problem.ts";
import {
  failedSign,
  helpInOwnForm,
  hubUsage,
  inOwnForm,
  seeHelp,
} from "./usage.ts";

declare const WHEELHOUSE_VERSION: string | undefined;

/** Set when the program is built. */
const hubVersion =
  typeof WHEELHOUSE_VERSION === "string" ? WHEELHOUSE_VERSION : "0.0.0-dev";

/** A shutdown that takes longer is broken off. */
const stopMs = 20_000;

/** Runs what the arguments name: `init`, `delegate`, or the hub itself; sets the exit code. `endAtOnce` is what signals do until a hub has something to put away. */
export async function runCommand(
  args: readonly string[],
  endAtOnce: () => void,
): Promise<void> {
  const [command = "", ...rest] = args;
  if (command === "init") {
    finish(await runInit(rest, Date.now()));
  } else if (command === "delegate") {
    finish(await runDelegate(rest, Date.now()));
  } else if (args.some((arg) => arg === "--help" || arg === "-h")) {
    finish({ code: exitCodes.done, text: hubUsage });
  } else {
    await runHub(args, endAtOnce);
  }
}

async function runHub(
  args: readonly string[],
  endAtOnce: () => void,
): Promise<void> {
  const parsed = parseSettings(args, process.env);
  if (!parsed.ok) {
    const lines = parsed.problems
      .map((problem) => `${failedSign()} ${problem}`)
      .join("\n");
    const text = `\n${lines}\n${seeHelp("wheelhouse hub")}\n`;
    finish({ code: exitCodes.usage, text });
    return;
  }
  const open = await whyDataIsOpen(parsed.settings.data);
  for (const warning of [
    ...parsed.warnings,
    ...(open === null ? [] : [open]),
  ]) {
    process.stderr.write(`! ${warning}\n`);
  }
  const stop = new AbortController();
  try {
    await start(parsed.settings, () => takeSignals(stop, endAtOnce));
  } catch (error) {
    // Asked to stop while it started: what did not come up any more is no failure.
    if (stop.signal.aborted) return;
    const words = describeStartError(error, parsed.settings);
    if (parsed.settings.logLevel === "debug") {
      process.stderr.write(`${JSON.stringify(describeError(error))}\n`);
    }
    finish({
      code: exitCodes.refused,
      text: `\n${failedSign()} the hub cannot start: ${words}\n\n`,
    });
  }
}

async function start(
  settings: HubSettings,
  takeSignals: () => AbortSignal,
): Promise<void> {
  await removeStaleFolders();
  const renderer = await bringRenderer({
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  });
  // Loaded here and not above: it costs `--help` and `init` a second.
  const { startHub } = await import("./hub.ts");
  const log = createHubLog({ level: settings.logLevel });
  // From here on a stop must not break into what is being written.
  const signal = takeSignals();
  const started = await startHub({
    settings,
    hubVersion,
    pageDirectory: pageDirectory(),
    renderer,
    log,
    signal,
  });
  if (!started.ok) {
    if (signal.aborted) return;
    finish({
      code: exitCodes.refused,
      text: `\n${failedSign()} the hub cannot start: ${started.problem}\n\n`,
    });
    return;
  }
  stopWhenAborted(started.hub, signal, log);
  if (!signal.aborted) await greet(started.hub, settings);
}

/** The page is built beside the hub. */
function pageDirectory(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  return path.resolve(here, "../../web/dist");
}

/** For people: on standard output, and not in the log, since the link is a secret. */
async function greet(hub: Hub, { data, repo }: HubSettings): Promise<void> {
  process.stdout.write(
    `Wheelhouse hub ${hubVersion}: fleet ${hub.fleet}, epoch ${hub.epoch}, follows ${withoutSecrets(repo)}\n` +
      `  page and API   ${hub.url}\n` +
      `  spokes dial    ${hub.linkAddress}\n` +
      `  log in, once   ${await hub.loginLink()}\n` +
      `  admin token    ${path.join(data, "admin-token")}\n`,
  );
}

/** From now on a signal asks for an orderly stop; one that takes too long is broken off. */
function takeSignals(
  stop: AbortController,
  endAtOnce: () => void,
): AbortSignal {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.off(signal, endAtOnce);
    process.on(signal, () => {
      if (stop.signal.aborted) return;
      setTimeout(() => process.exit(exitCodes.refused), stopMs).unref();
      stop.abort();
    });
  }
  return stop.signal;
}

function stopWhenAborted(hub: Hub, signal: AbortSignal, log: HubLog): void {
  const stop = () => {
    hub.stop().then(
      () => {
        log.info("hub stopped");
        process.exit(exitCodes.done);
      },
      (error: unknown) => {
        process.stderr.write(`${JSON.stringify(describeError(error))}\n`);
        process.exit(exitCodes.refused);
      },
    );
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop);
}

function finish({ code, text }: CommandOutcome): void {
  const isDone = code === exitCodes.done;
  const isHelp = isDone && text.startsWith("usage:");
  const said = isHelp ? helpInOwnForm(text) : inOwnForm(text);
  (isDone ? process.stdout : process.stderr).write(said);
  process.exitCode = code;
}
