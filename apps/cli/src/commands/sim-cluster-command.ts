import { existsSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CliProblem } from "../cli-problem.ts";
import { type Terminal, note, tell } from "../output.ts";
import { parsePort } from "./command-options.ts";

interface SimClusterFlags {
  readonly kubeconfig: string;
  readonly name: string;
  readonly port?: number;
  readonly readyAfter: number;
}

/** `wheelhouse sim-cluster`: something for a spoke to work on, where there is no cluster to spare. */
export function addSimClusterCommand(
  program: Command,
  terminal: Terminal,
): void {
  program
    .command("sim-cluster")
    .description("a simulated cluster here, until Ctrl-C, to try a spoke on")
    .requiredOption(
      "--kubeconfig <file>",
      "a new file, by which it is reached (required)",
    )
    .option("--name <name>", "what its kubeconfig calls it", "simulated")
    .option(
      "--port <port>",
      "where it listens; default: a free port",
      parsePort,
    )
    .addOption(
      new Option(
        "--ready-after <duration>",
        "how long pods take to be ready, such as 500ms, 10s, 2m",
      )
        .argParser(parseMilliseconds)
        .default(1_000, "1s"),
    )
    .action((flags: SimClusterFlags) => runSimCluster(terminal, flags));
}

/** Runs until SIGINT or SIGTERM; the file goes with the cluster. */
async function runSimCluster(
  terminal: Terminal,
  flags: SimClusterFlags,
): Promise<void> {
  const file = resolve(flags.kubeconfig);
  if (existsSync(file)) throw alreadyThere(file);
  const stopped = awaitStop();
  // A cluster is a lot to load: no other command waits for that.
  const { createSimCluster } = await import("@wheelhouse/sim-cluster");
  const { name, port, readyAfter: readyAfterMs } = flags;
  const cluster = await createSimCluster({
    ...{ name, readyAfterMs },
    ...(port === undefined ? {} : { port }),
  }).catch((error: unknown) => {
    throw describeStart(error, port);
  });
  try {
    // `wx`: what is there may be the file with all of somebody's clusters.
    writeFileSync(file, cluster.kubeconfig(), { mode: 0o600, flag: "wx" });
  } catch (error) {
    await cluster.stop();
    throw (error as NodeJS.ErrnoException).code === "EEXIST"
      ? alreadyThere(file)
      : error;
  }
  try {
    tell(terminal, describe(cluster.url, flags));
    await stopped;
  } finally {
    rmSync(file, { force: true });
    await cluster.stop();
    note(terminal, `${flags.name} is gone\n`);
  }
}

function describeStart(error: unknown, port: number | undefined): unknown {
  return (error as NodeJS.ErrnoException).code === "EADDRINUSE"
    ? CliProblem.refused(
        `--port ${port}: another program listens there`,
        "Give another port, or none for a free one.",
      )
    : error;
}

function alreadyThere(file: string): CliProblem {
  return CliProblem.refused(
    `${file}: there already, and never overwritten`,
    "Give --kubeconfig another file; or remove this one, if a simulated cluster left it.",
  );
}

function describe(url: string, { name, kubeconfig }: SimClusterFlags): string {
  return [
    `${name}: a simulated cluster at ${url}, until Ctrl-C; then it is gone with all that is in it`,
    "",
    `  kubectl --kubeconfig ${kubeconfig} get namespaces`,
    `  wheelhouse spoke --kubeconfig ${kubeconfig} --join-file FILE   # as wheelhouse cluster add NAME --join-file FILE made it`,
    "",
    "What it does not do as a real cluster does: docs/simulated-cluster.md",
    "",
  ].join("\n");
}

function awaitStop(): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
  });
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** At most 9,999 of a unit. */
function parseMilliseconds(text: string): number {
  const [, count, unit = ""] = /^(\d{1,4})(ms|s|m)$/.exec(text) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? NaN);
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError("a duration such as 500ms, 10s or 2m.");
}
