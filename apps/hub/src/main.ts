import { stopWithStarter } from "@wheelhouse/programs";
import { firstLine } from "./first-line.ts";

stopWithStarter(process);

const args = process.argv.slice(2);

// What follows takes seconds on a busy machine, also to refuse: a person sees at once that it runs.
const isQuick = args.some((arg) =>
  ["init", "delegate", "--help", "-h"].includes(arg),
);
if (!isQuick) {
  // Before the first word: nothing is begun yet, so a stop is done at once.
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, endAtOnce);
  }
  const line = firstLine(args, process.env);
  if (line !== null) process.stderr.write(`${line}\n`);
}

function endAtOnce(): void {
  process.exit(0);
}

// Loaded after that line, and not before.
const { runCommand } = await import("./hub-command.ts");
await runCommand(args, endAtOnce);
