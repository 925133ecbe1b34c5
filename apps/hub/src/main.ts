const args = process.argv.slice(2);

// What follows takes seconds on a busy machine, also to refuse: a person sees at once that it runs.
const isQuick = args.some((arg) =>
  ["init", "delegate", "--help", "-h"].includes(arg),
);
if (!isQuick && process.stderr.isTTY) {
  process.stderr.write("Wheelhouse hub starts …\n");
}

// Loaded after that line, and not before.
const { runCommand } = await import("./hub-command.ts");
await runCommand(args);
