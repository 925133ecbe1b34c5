/** The environment variable by which the command line tells a program that it starts how a person calls it. */
export const calledAsVariable = "WHEELHOUSE_CALLED_AS";

/** How a person calls `wheelhouse`, as far as this program was told; `wheelhouse` where it was not. */
export function calledAsIn(
  env: Readonly<Record<string, string | undefined>>,
): string {
  return env[calledAsVariable] || "wheelhouse";
}

/** A command in a sentence: not the end of a path, and not one that has its `npx` already. */
const mention =
  /(?<![\w./-]|npx )wheelhouse (?=(?:cluster|context|demo|drift|hub|init|login|logout|prune|reconcile|resume|rollout|sim-cluster|spoke|status|suspend|token|validate|--help)\b|--help)/g;

/** Prose with each `wheelhouse COMMAND` in the form that works for the reader. */
export function writeAsCalled(text: string, calledAs: string): string {
  return text.replace(mention, () => `${calledAs} `);
}

/** A help text: what is to be typed, such as its example, in the form that works; its first line and the table of its flags as they are, in which a long form would be in the way. */
export function writeHelpAsCalled(help: string, calledAs: string): string {
  return help
    .split("\n")
    .map((line) =>
      /^(?:usage:|\s)/.test(line) ? line : writeAsCalled(line, calledAs),
    )
    .join("\n");
}
