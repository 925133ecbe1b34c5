import { Command } from "commander";
import { exitCodes } from "./cli-problem.ts";
import { addAccessCommands } from "./commands/access-commands.ts";
import { addClusterCommand } from "./commands/cluster-command.ts";
import { addDriftCommand } from "./commands/drift-command.ts";
import { addOperateCommands } from "./commands/operate-commands.ts";
import { addProgramCommands } from "./commands/program-commands.ts";
import { addPruneCommand } from "./commands/prune-command.ts";
import { addRolloutCommand } from "./commands/rollout-command.ts";
import { addStatusCommand } from "./commands/status-command.ts";
import { addDemoCommand } from "./demo/demo-command.ts";
import { type Terminal } from "./output.ts";

declare const WHEELHOUSE_VERSION: string | undefined;

/** The version that the build wrote in, or that of a checkout. */
const version =
  typeof WHEELHOUSE_VERSION === "string" ? WHEELHOUSE_VERSION : "0.0.0-dev";

/** The whole command line: `wheelhouse COMMAND`. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("wheelhouse")
    .description(
      "One Git repository, every cluster: staged rollouts, order, drift and replacement for a Kubernetes fleet.",
    )
    .version(version)
    .showHelpAfterError("(see wheelhouse --help)")
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
    })
    .exitOverride(({ exitCode }) => {
      process.exit(exitCode === 0 ? 0 : exitCodes.usage);
    });
  addStatusCommand(program, terminal);
  addRolloutCommand(program, terminal);
  addDriftCommand(program, terminal);
  addClusterCommand(program, terminal);
  addPruneCommand(program, terminal);
  addOperateCommands(program, terminal);
  addAccessCommands(program, terminal);
  addProgramCommands(program);
  addDemoCommand(program, terminal);
  return program;
}
