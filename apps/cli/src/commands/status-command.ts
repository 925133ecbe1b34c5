import { type Command } from "commander";
import { type FleetView, type HubClient } from "@wheelhouse/rest-api";
import { exitCodes } from "@wheelhouse/programs";
import { followFleet, stopOnInterrupt } from "../followed-fleet.ts";
import { requireCluster } from "../known-cluster.ts";
import { type Terminal, note } from "../output.ts";
import {
  formatCluster,
  formatStatus,
  statusParts,
} from "../views/status-text.ts";
import {
  type ListOptions,
  hubOf,
  lookOf,
  print,
  withListOptions,
} from "./command-options.ts";

interface StatusOptions extends ListOptions {
  readonly watch?: boolean;
  readonly exitCode?: boolean;
}

/** `wheelhouse status [CLUSTER]`. */
export function addStatusCommand(program: Command, terminal: Terminal): void {
  withListOptions(
    program
      .command("status")
      .description("the fleet at one look, or one cluster's bundles")
      .argument("[cluster]", "show this cluster's bundles"),
  )
    .option("-w, --watch", "go on showing it as it changes")
    .option("--exit-code", "end with 1 unless all is Converged")
    .action(async (cluster: string | undefined, options: StatusOptions) => {
      const hub = hubOf(terminal, options);
      if (options.watch === true) {
        return watchStatus({ hub, cluster, options, terminal });
      }
      const fleet = await hub.fleet();
      printStatus({ fleet, cluster, options, terminal });
      if (options.exitCode === true && !isConverged(fleet, cluster)) {
        terminal.setExitCode(exitCodes.finding);
      }
    });
}

function isConverged(fleet: FleetView, cluster: string | undefined): boolean {
  return fleet.clusters
    .filter(({ name, phase }) =>
      cluster === undefined ? phase !== "Left" : name === cluster,
    )
    .every(({ verdict }) => verdict === "Converged");
}

interface Shown {
  readonly cluster: string | undefined;
  readonly options: ListOptions;
  readonly terminal: Terminal;
}

function printStatus(shown: Shown & { readonly fleet: FleetView }): void {
  const { fleet, cluster, options, terminal } = shown;
  const look = lookOf(terminal, options);
  if (cluster === undefined) {
    const names = fleet.clusters.map(({ name }) => `cluster/${name}`);
    const { rows, beside } = statusParts(fleet, look);
    const isTable = options.output === "table" || look.wide;
    // Without titles a program reads the rows: words for people go elsewhere.
    const isApart = look.noHeaders && isTable;
    if (isApart) note(terminal, beside);
    const text = isApart ? rows : formatStatus(fleet, look);
    return print(terminal, options, { value: fleet, names, text });
  }
  const found = requireCluster(fleet, cluster);
  print(terminal, options, {
    value: found,
    names: found.bundles.map(({ bundle }) => bundle),
    text: formatCluster(found, fleet, look),
  });
}

/** Rewrites the screen on a terminal; elsewhere prints each state after a blank line. */
async function watchStatus(
  shown: Shown & { readonly hub: HubClient },
): Promise<void> {
  const { terminal, hub } = shown;
  const stop = stopOnInterrupt(terminal);
  for await (const fleet of followFleet(hub, stop.signal, terminal)) {
    terminal.out.write(terminal.out.isTTY ? "\u001b[H\u001b[2J" : "\n");
    printStatus({ ...shown, fleet });
  }
}
