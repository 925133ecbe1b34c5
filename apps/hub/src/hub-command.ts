import path from "node:path";
import { fileURLToPath } from "node:url";
import { exitCodes } from "@wheelhouse/programs";
import { ProgramRenderer } from "@wheelhouse/render";
import {
  type EnsureToolsOptions,
  createProgressLine,
  ensureTools,
} from "@wheelhouse/tools";
import type { Hub } from "./hub.ts";
import { type CommandOutcome, runDelegate, runInit } from "./init-command.ts";
import { createHubLog, describeError } from "./log.ts";
import { type HubSettings, parseSettings } from "./settings.ts";
import { describeStartError } from "./start-problem.ts";
import { hubUsage, seeHelp } from "./usage.ts";

declare const WHEELHOUSE_VERSION: string | undefined;

/** Set when the program is built. */
const hubVersion =
  typeof WHEELHOUSE_VERSION === "string" ? WHEELHOUSE_VERSION : "0.0.0-dev";

/** A shutdown that takes longer is broken off. */
const stopMs = 20_000;

/** Runs what the arguments name: `init`, `delegate`, or the hub itself; sets the exit code. */
export async function runCommand(args: readonly string[]): Promise<void> {
  const [command = "", ...rest] = args;
  if (command === "init") {
    finish(await runInit(rest, Date.now()));
  } else if (command === "delegate") {
    finish(await runDelegate(rest, Date.now()));
  } else if (args.some((arg) => arg === "--help" || arg === "-h")) {
    finish({ code: exitCodes.done, text: hubUsage });
  } else {
    await runHub(args);
  }
}

async function runHub(args: readonly string[]): Promise<void> {
  const parsed = parseSettings(args, process.env);
  if (!parsed.ok) {
    const lines = parsed.problems.map((problem) => `✕ ${problem}`).join("\n");
    const text = `\n${lines}\n${seeHelp("wheelhouse hub")}\n`;
    finish({ code: exitCodes.usage, text });
    return;
  }
  for (const warning of parsed.warnings) {
    process.stderr.write(`! ${warning}\n`);
  }
  try {
    await start(parsed.settings);
  } catch (error) {
    const words = describeStartError(error, parsed.settings);
    if (parsed.settings.logLevel === "debug") {
      process.stderr.write(`${JSON.stringify(describeError(error))}\n`);
    }
    finish({
      code: exitCodes.refused,
      text: `\n✕ the hub cannot start: ${words}\n\n`,
    });
  }
}

async function start(settings: HubSettings): Promise<void> {
  const tools = await ensureTools(["kustomize"], howTools());
  // Loaded here and not above: it costs `--help` and `init` a second.
  const { startHub } = await import("./hub.ts");
  const started = await startHub({
    settings,
    hubVersion,
    pageDirectory: pageDirectory(),
    renderer: new ProgramRenderer({
      kustomize: tools.kustomize,
      helm: async () => (await ensureTools(["helm"], howTools())).helm,
    }),
    log: createHubLog({ level: settings.logLevel }),
  });
  if (!started.ok) {
    finish({
      code: exitCodes.refused,
      text: `\n✕ the hub cannot start: ${started.problem}\n\n`,
    });
    return;
  }
  // Before anybody is told that it runs, and may stop it.
  stopOnSignals(started.hub);
  await greet(started.hub, settings);
}

function howTools(): EnsureToolsOptions {
  return {
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  };
}

/** The page is built beside the hub. */
function pageDirectory(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  return path.resolve(here, "../../web/dist");
}

/** For people: on standard output, and not in the log, since the link is a secret. */
async function greet(hub: Hub, { data, repo }: HubSettings): Promise<void> {
  const shown = repo.replace(/\/\/[^@/]*@/, "//");
  process.stdout.write(
    `Wheelhouse hub ${hubVersion}: fleet ${hub.fleet}, epoch ${hub.epoch}, follows ${shown}\n` +
      `  page and API   ${hub.url}\n` +
      `  spokes dial    ${hub.linkAddress}\n` +
      `  log in, once   ${await hub.loginLink()}\n` +
      `  admin token    ${path.join(data, "admin-token")}\n`,
  );
}

function stopOnSignals(hub: Hub): void {
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    const timer = setTimeout(() => process.exit(exitCodes.refused), stopMs);
    timer.unref();
    hub.stop().then(
      () => process.exit(exitCodes.done),
      (error: unknown) => {
        process.stderr.write(`${JSON.stringify(describeError(error))}\n`);
        process.exit(exitCodes.refused);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function finish({ code, text }: CommandOutcome): void {
  (code === exitCodes.done ? process.stdout : process.stderr).write(text);
  process.exitCode = code;
}
