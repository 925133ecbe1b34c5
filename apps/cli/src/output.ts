import { writeAsCalled } from "@wheelhouse/programs";
import { InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import { findCalledAs } from "./called-as.ts";
import { type Palette, createPalette } from "./terminal/palette.ts";
import { type Environment } from "./hub-context.ts";

/** How a result is printed: `json` and `yaml` are the API's own shape, never mixed with prose. */
export type OutputFormat = "table" | "wide" | "json" | "yaml" | "name";

const formats: readonly OutputFormat[] = [
  "table",
  "wide",
  "json",
  "yaml",
  "name",
];

/** Reads `-o`. */
export function parseOutputFormat(text: string): OutputFormat {
  const format = formats.find((candidate) => candidate === text);
  if (format === undefined) {
    throw new InvalidArgumentError(`one of ${formats.join(", ")}.`);
  }
  return format;
}

/** Where a command writes, and what it knows of the world. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly env: Environment;
  readonly palette: Palette;
  /** How a person calls this program: suggestions are written so. */
  readonly calledAs: string;
  /** What the command will end with; 0 until it is set. */
  setExitCode(code: number): void;
}

/** The terminal of this process. */
export function createTerminal(
  process: Pick<
    NodeJS.Process,
    "stdin" | "stdout" | "stderr" | "argv" | "exitCode"
  >,
  env: Environment,
): Terminal {
  return {
    input: process.stdin,
    out: process.stdout,
    err: process.stderr,
    env,
    palette: createPalette(process.stdout, env),
    calledAs: findCalledAs(process.argv[1], env),
    setExitCode: (code) => {
      process.exitCode = code;
    },
  };
}

/** Writes prose to standard output: the commands in it in the form that works here. */
export function tell({ out, calledAs }: Terminal, text: string): void {
  out.write(writeAsCalled(text, calledAs));
}

/** Writes prose beside the result, to standard error. */
export function note({ err, calledAs }: Terminal, text: string): void {
  err.write(writeAsCalled(text, calledAs));
}

/** One result in all its forms. */
export interface Result {
  readonly value: unknown;
  readonly names: readonly string[];
  readonly text: string;
}

/** The text of a result in the wanted form; only what people read names commands. */
export function formatResult(
  result: Result,
  format: OutputFormat,
  calledAs: string,
): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(result.value, null, 2)}\n`;
    case "yaml":
      return stringify(result.value);
    case "name":
      return result.names.map((name) => `${name}\n`).join("");
    case "table":
    case "wide":
      return writeAsCalled(result.text, calledAs);
  }
}
