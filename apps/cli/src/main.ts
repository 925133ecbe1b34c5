import { createTerminal } from "./output.ts";
import { runWheelhouse } from "./program.ts";

// A reader that ends early (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

await runWheelhouse(
  createTerminal(process, process.env),
  process.argv.slice(2),
);
