import { type Command } from "commander";
import { parsePort } from "../commands/command-options.ts";
import { type Terminal } from "../output.ts";

/** What the flags of `wheelhouse demo` say. */
export interface DemoOptions {
  readonly exit?: boolean;
  readonly real?: boolean;
  readonly port?: number;
  readonly figures?: string;
}

/** `wheelhouse demo`. */
export function addDemoCommand(program: Command, terminal: Terminal): void {
  program
    .command("demo")
    .description("a hub and three clusters here, and a story in six acts")
    .option("--exit", "end after the story; else it stays up to play with")
    .option("--real", "three real control planes instead of simulated ones")
    .option(
      "--port <port>",
      "where the page is; default: a free port",
      parsePort,
    )
    .option("--figures <file>", "write what the story measured, as JSON")
    .action(async (options: DemoOptions) => {
      // A hub and clusters are a lot to load: no other command waits for that.
      const { runDemo } = await import("./demo.ts");
      await runDemo(terminal, options);
    });
}
