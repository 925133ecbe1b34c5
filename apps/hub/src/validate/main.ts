import { stat } from "node:fs/promises";
import { errorText } from "@wheelhouse/kube-object";
import { exitCodes, signsFor } from "@wheelhouse/programs";
import { CachedRender } from "@wheelhouse/render";
import { ToolMissingError, createProgressLine } from "@wheelhouse/tools";
import { bringRenderer } from "../bring-renderer.ts";
import { failedSign, helpInOwnForm, inOwnForm, seeHelp } from "../usage.ts";
import { readDirectoryTree } from "./directory-tree.ts";
import {
  type ValidateArguments,
  readArguments,
  usage,
} from "./validate-arguments.ts";
import { hasFindings, validateFleet } from "./validate-fleet.ts";
import { printValidation } from "./validation-report.ts";

/** Validates a fleet repo in a directory, offline; gives the exit code. */
async function run(argv: readonly string[]): Promise<number> {
  const read = readArguments(argv);
  if (read.kind === "help") {
    process.stdout.write(`${helpInOwnForm(usage)}\n`);
    return exitCodes.done;
  }
  if (read.kind === "wrong") {
    return misused(read.message);
  }
  const { path } = read.arguments;
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    return misused(`${path} is no directory`);
  }
  return validate(read.arguments);
}

function misused(message: string): number {
  const more = seeHelp("wheelhouse validate");
  process.stderr.write(inOwnForm(`\n${failedSign()} ${message}\n${more}\n`));
  return exitCodes.usage;
}

async function validate({
  path,
  cluster,
  output,
}: ValidateArguments): Promise<number> {
  const renderer = await bringRenderer({
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  });
  const port = new CachedRender(renderer);
  const tree = await readDirectoryTree(path);
  const validation = await validateFleet(tree, port, cluster);
  const signs = signsFor(process.stdout, process.env);
  const text = printValidation(validation, { output, signs });
  // What a program reads stays as it is.
  process.stdout.write(output === "table" ? inOwnForm(text) : text);
  return hasFindings(validation) ? exitCodes.finding : exitCodes.done;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const message = errorText(error);
  process.stderr.write(
    `${error instanceof ToolMissingError ? message : `${failedSign()} validate: ${message}`}\n`,
  );
  process.exitCode = exitCodes.refused;
}
