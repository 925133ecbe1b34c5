import { type Command } from "commander";
import { exitCodes } from "@wheelhouse/programs";
import { requireCluster } from "../known-cluster.ts";
import { type Terminal } from "../output.ts";
import { formatDrift } from "../views/drift-text.ts";
import {
  type ListOptions,
  hubOf,
  lookOf,
  print,
  withListOptions,
} from "./command-options.ts";

/** `wheelhouse drift`. */
export function addDriftCommand(program: Command, terminal: Terminal): void {
  withListOptions(
    program
      .command("drift")
      .description("what differs from Git, since when, and who wrote it")
      .argument("[cluster]", "only this cluster"),
  )
    .option("--exit-code", "end with 1 if a drift is open or blocked")
    .action(
      async (
        cluster: string | undefined,
        options: ListOptions & { exitCode?: boolean },
      ) => {
        const fleet = await hubOf(terminal, options).fleet();
        if (cluster !== undefined) requireCluster(fleet, cluster);
        const drift = fleet.drift.filter(
          (record) => cluster === undefined || record.cluster === cluster,
        );
        print(terminal, options, {
          value: drift,
          names: [
            ...new Set(
              drift.map(
                ({ cluster: name, object }) =>
                  `${name}/${object.kind}/${object.namespace}/${object.name}`,
              ),
            ),
          ],
          text: formatDrift(drift, fleet.now, lookOf(terminal, options)),
        });
        const isOpen = drift.some(({ state }) => state !== "healed");
        if (options.exitCode === true && isOpen) {
          terminal.setExitCode(exitCodes.finding);
        }
      },
    );
}
