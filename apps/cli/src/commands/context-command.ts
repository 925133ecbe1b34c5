import { type Command } from "commander";
import { contextsPath, readContexts, useContext } from "../hub-context.ts";
import { type Terminal } from "../output.ts";
import { formatTable } from "../terminal/table.ts";
import {
  type PrintOptions,
  lookOf,
  print,
  withPrintOptions,
} from "./command-options.ts";

/** `wheelhouse context list|use`: the hubs that this person has logged in to; no token is shown. */
export function addContextCommand(program: Command, terminal: Terminal): void {
  const context = program
    .command("context")
    .description("the hubs that you are logged in to");
  withPrintOptions(
    context.command("list").description("every context; * marks the current"),
  ).action((options: PrintOptions) => {
    const { current, contexts } = readContexts(contextsPath(terminal.env));
    const shown = contexts.map(({ name, server }) => ({
      ...{ name, server },
      current: name === current,
    }));
    print(terminal, options, {
      value: shown,
      names: shown.map(({ name }) => `context/${name}`),
      text: formatTable(
        ["CURRENT", "NAME", "SERVER"],
        shown.map((one) => [one.current ? "*" : "", one.name, one.server]),
        lookOf(terminal, options),
      ),
    });
  });
  context
    .command("use")
    .description("make a context the current one")
    .argument("<name>", "as context list shows it")
    .action((name: string) => {
      const { server } = useContext(contextsPath(terminal.env), name);
      terminal.out.write(`context ${name} (${server}) is the current one\n`);
    });
}
