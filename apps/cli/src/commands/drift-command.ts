import { type Command } from "commander";
import { CliProblem, exitCodes } from "../cli-problem.ts";
import { type Terminal } from "../output.ts";
import { formatDrift, formatPrunes } from "../views/drift-text.ts";
import {
  type HubOptions,
  type ListOptions,
  hubOf,
  lookOf,
  print,
  withHubOptions,
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
        const drift = fleet.drift.filter(
          (record) => cluster === undefined || record.cluster === cluster,
        );
        print(terminal, options, {
          value: drift,
          names: drift.map(
            ({ cluster: name, object }) =>
              `${name}/${object.kind}/${object.namespace}/${object.name}`,
          ),
          text: formatDrift(drift, fleet.now, lookOf(terminal, options)),
        });
        const isOpen = drift.some(({ state }) => state !== "healed");
        if (options.exitCode === true && isOpen) {
          process.exitCode = exitCodes.finding;
        }
      },
    );
}

/** A deletion is never approved by leaving something out. */
function requireChoice(options: {
  readonly revision?: string;
  readonly selector?: string;
  readonly all?: boolean;
}): void {
  const { revision, selector, all } = options;
  if (revision !== undefined || selector !== undefined || all === true) return;
  throw CliProblem.usage(
    "say what is approved",
    "give --revision COMMIT, -l SELECTOR or --all; wheelhouse prune list shows what is held",
  );
}

/** `wheelhouse prune list|approve`. */
export function addPruneCommand(program: Command, terminal: Terminal): void {
  const prune = program
    .command("prune")
    .description("deletions that are held until a person approves them");
  withListOptions(
    prune.command("list").description("every held deletion, with its reason"),
  ).action(async (options: ListOptions) => {
    const prunes = await hubOf(terminal, options).prunes();
    print(terminal, options, {
      value: prunes,
      names: prunes.map(
        ({ cluster, object }) =>
          `${cluster}/${object.kind}/${object.namespace}/${object.name}`,
      ),
      text: formatPrunes(prunes, lookOf(terminal, options)),
    });
  });
  withHubOptions(
    prune
      .command("approve")
      .description("delete exactly the objects that are held now, once"),
  )
    .option("--revision <commit>", "only what this commit no longer names")
    .option("-l, --selector <selector>", "only on clusters with these labels")
    .option("--all", "everything that is held now")
    .action(
      async (
        options: HubOptions & {
          revision?: string;
          selector?: string;
          all?: boolean;
        },
      ) => {
        requireChoice(options);
        const approved = await hubOf(terminal, options).approvePrunes({
          ...(options.revision === undefined
            ? {}
            : { commit: options.revision }),
          ...(options.selector === undefined
            ? {}
            : { selector: options.selector }),
        });
        const count = approved.length;
        terminal.out.write(
          count === 0
            ? "nothing is held that fits\n"
            : `${count} ${count === 1 ? "deletion" : "deletions"} approved\n`,
        );
      },
    );
}
