import { type Command, InvalidArgumentError } from "commander";
import { connectHub } from "../hub-context.ts";
import {
  type OutputFormat,
  type Result,
  type Terminal,
  formatResult,
  parseOutputFormat,
} from "../output.ts";
import { type ListLook } from "../views/status-text.ts";

/** Options that every command which talks to a hub has. */
export interface HubOptions {
  readonly server?: string;
  readonly context?: string;
}

/** How a command prints. */
export interface PrintOptions {
  readonly output: OutputFormat;
  readonly headers: boolean;
}

/** Options of a command that asks a hub, and prints. */
export interface ListOptions extends HubOptions, PrintOptions {}

/** Adds `--server` and `--context`. */
export function withHubOptions(command: Command): Command {
  return command
    .option("--server <url>", "the hub, such as http://127.0.0.1:7700")
    .option("--context <name>", "a context of ~/.config/wheelhouse/config");
}

/** Adds the options of a hub, and those of printing. */
export function withListOptions(command: Command): Command {
  return withPrintOptions(withHubOptions(command));
}

/** Adds `-o` and `--no-headers`. */
export function withPrintOptions(command: Command): Command {
  return command
    .option(
      "-o, --output <format>",
      "table, wide, json, yaml or name",
      parseOutputFormat,
      "table",
    )
    .option("--no-headers", "leave the column titles out");
}

/** How a list looks under the options given. */
export function lookOf(terminal: Terminal, options: PrintOptions): ListLook {
  return {
    palette: terminal.palette,
    wide: options.output === "wide",
    noHeaders: !options.headers,
  };
}

/** Prints a result in the wanted form. */
export function print(
  terminal: Terminal,
  options: PrintOptions,
  result: Result,
): void {
  const { out, calledAs } = terminal;
  out.write(formatResult(result, options.output, calledAs));
}

/** A client of the hub that the options name. */
export function hubOf(terminal: Terminal, options: HubOptions) {
  return connectHub(options, terminal.env);
}

/** Reads a `--port`. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError("a port from 1 to 65535.");
}
