import { createProgram } from "./program.ts";
import { describeFailure } from "./cli-problem.ts";
import { createTerminal } from "./output.ts";
import { createPalette } from "./terminal/palette.ts";

const terminal = createTerminal(process, process.env);

// A reader that ends early (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await createProgram(terminal).parseAsync(process.argv);
} catch (error) {
  const palette = createPalette(process.stderr, process.env);
  const failure = describeFailure(error, palette);
  process.stderr.write(failure.text);
  process.exitCode = failure.exitCode;
}
