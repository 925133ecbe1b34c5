import { InvalidArgumentError } from "commander";
import { stringify } from "yaml";
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
}

/** The terminal of this process. */
export function createTerminal(
  {
    stdin,
    stdout,
    stderr,
  }: Pick<NodeJS.Process, "stdin" | "stdout" | "stderr">,
  env: Environment,
): Terminal {
  const palette = createPalette(stdout, env);
  return { input: stdin, out: stdout, err: stderr, env, palette };
}

/** One result in all its forms. */
export interface Result {
  readonly value: unknown;
  readonly names: readonly string[];
  readonly text: string;
}

/** The text of a result in the wanted form. */
export function formatResult(result: Result, format: OutputFormat): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(result.value, null, 2)}\n`;
    case "yaml":
      return stringify(result.value);
    case "name":
      return result.names.map((name) => `${name}\n`).join("");
    case "table":
    case "wide":
      return result.text;
  }
}
