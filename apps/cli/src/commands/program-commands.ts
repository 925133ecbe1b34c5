import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import {
  calledAsVariable,
  exitCodes,
  spokeNodeArguments,
  writeAsCalled,
} from "@wheelhouse/programs";
import { type Command } from "commander";
import { CliProblem } from "../cli-problem.ts";
import { type Terminal } from "../output.ts";
import { programPath } from "../program-path.ts";

/** Commands that another program of ours carries out; its arguments pass through unchanged. */
const commands = [
  {
    name: "hub",
    description: "run a hub (hub delegate: a new epoch from the root file)",
    program: "hub",
    node: [],
    before: [],
  },
  {
    name: "init",
    description: "make a fleet: its root file, and a hub's data directory",
    program: "hub",
    node: [],
    before: ["init"],
  },
  {
    name: "validate",
    description: "check a fleet repo before it is pushed, offline",
    program: "validate",
    node: [],
    before: [],
  },
  {
    name: "spoke",
    description: "run a spoke (spoke status: read a cluster, without a hub)",
    program: "spoke",
    node: spokeNodeArguments,
    before: [],
  },
] as const;

/** `wheelhouse hub|init|validate|spoke`. */
export function addProgramCommands(program: Command, terminal: Terminal): void {
  for (const command of commands) {
    const { name, description, program: file, node, before } = command;
    program
      .command(name)
      .description(description)
      .argument("[args...]")
      .allowUnknownOption()
      .helpOption(false)
      .addHelpText(
        "after",
        writeAsCalled(
          `\nits flags: wheelhouse ${name} --help\n`,
          terminal.calledAs,
        ),
      )
      .action(async (args: readonly string[]) => {
        const path = programPath(file);
        const all = [...node, path, ...before, ...args];
        terminal.setExitCode(await runProgram(path, all, terminal));
      });
  }
}

/** Runs Node with these arguments, a program of ours among them, on this terminal; what we are told is passed on, and its exit code becomes ours. */
function runProgram(
  path: string,
  args: readonly string[],
  { input, calledAs }: Terminal,
): Promise<number> {
  if (!existsSync(path)) {
    throw CliProblem.refused(`${path} is not built`, "run: npm run build");
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      // The channel breaks when we are killed; the program stops then.
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      // What it suggests is typed by the same person.
      env: { ...process.env, [calledAsVariable]: calledAs },
    });
    const forward = (signal: NodeJS.Signals) => {
      // On a terminal Ctrl-C reaches the program, too.
      if (signal !== "SIGINT" || !input.isTTY) child.kill(signal);
    };
    for (const signal of forwarded) process.on(signal, forward);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const each of forwarded) process.off(each, forward);
      // As a shell has it for a program that a signal ended.
      const bySignal = signal === null ? 0 : 128 + constants.signals[signal];
      resolve(signal === null ? (code ?? exitCodes.refused) : bySignal);
    });
  });
}

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
