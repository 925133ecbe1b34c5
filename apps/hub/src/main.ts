import { stopWithStarter } from "@wheelhouse/programs";

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
  if (process.stderr.isTTY) process.stderr.write("Wheelhouse hub starts …\n");
}

function endAtOnce(): void {
  process.exit(0);
}

// Loaded after that line, and not before.
const { runCommand } = await import("./hub-command.ts");
await runCommand(args, endAtOnce);
