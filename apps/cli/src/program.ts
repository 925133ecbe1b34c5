import { exitCodes, writeAsCalled } from "@wheelhouse/programs";
import { Command, CommanderError } from "commander";
import { describeFailure } from "./cli-problem.ts";
import { addAccessCommands } from "./commands/access-commands.ts";
import { addClusterCommand } from "./commands/cluster-command.ts";
import { addContextCommand } from "./commands/context-command.ts";
import { addDriftCommand } from "./commands/drift-command.ts";
import { addOperateCommands } from "./commands/operate-commands.ts";
import { addProgramCommands } from "./commands/program-commands.ts";
import { addPruneCommand } from "./commands/prune-command.ts";
import { addRolloutCommand } from "./commands/rollout-command.ts";
import { addSimClusterCommand } from "./commands/sim-cluster-command.ts";
import { addStatusCommand } from "./commands/status-command.ts";
import { addDemoCommand } from "./demo/demo-command.ts";
import { type Terminal, note } from "./output.ts";
import { createPalette } from "./terminal/palette.ts";

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
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
      // One shape for every error, whoever found it.
      outputError: (text, write) => {
        const { paint, signs } = createPalette(terminal.err, terminal.env);
        const said = text.replace(/^error: /, "").trimEnd();
        write(`\n${paint("bad", `${signs.failed} ${said}`)}\n`);
      },
    })
    .exitOverride();
  addStatusCommand(program, terminal);
  addRolloutCommand(program, terminal);
  addDriftCommand(program, terminal);
  addClusterCommand(program, terminal);
  addPruneCommand(program, terminal);
  addOperateCommands(program, terminal);
  addAccessCommands(program, terminal);
  addContextCommand(program, terminal);
  addProgramCommands(program, terminal);
  addSimClusterCommand(program, terminal);
  addDemoCommand(program, terminal);
  showUsageAfterErrors(program, "wheelhouse", terminal.calledAs);
  return program;
}

/** A wrong flag is answered with how the very command is called, and where more is said. */
function showUsageAfterErrors(
  command: Command,
  path: string,
  calledAs: string,
): void {
  command.showHelpAfterError(
    `\n  usage: ${path} ${command.usage()}\n  more: ${writeAsCalled(`${path} --help`, calledAs)}\n`,
  );
  for (const child of command.commands) {
    showUsageAfterErrors(child, `${path} ${child.name()}`, calledAs);
  }
}

/** A command that is not there has no help: left without the flag, it is refused as it is alone. */
function withoutVainHelp(
  program: Command,
  args: readonly string[],
): readonly string[] {
  let command = program;
  for (const word of args) {
    if (command.commands.length === 0 || word === "help") break;
    if (word.startsWith("-")) continue;
    const child = command.commands.find((one) => one.name() === word);
    if (child === undefined) {
      return args.filter((arg) => arg !== "--help" && arg !== "-h");
    }
    command = child;
  }
  return args;
}

/** Runs `wheelhouse ARGS…` whole: whatever comes of it is written to the terminal, the exit code too. */
export async function runWheelhouse(
  terminal: Terminal,
  args: readonly string[],
): Promise<void> {
  try {
    const program = createProgram(terminal);
    await program.parseAsync(withoutVainHelp(program, args), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has written the help, or what is wrong, already.
      if (error.exitCode !== 0) terminal.setExitCode(exitCodes.usage);
      return;
    }
    const palette = createPalette(terminal.err, terminal.env);
    const failure = describeFailure(error, palette);
    note(terminal, failure.text);
    terminal.setExitCode(failure.exitCode);
  }
}
