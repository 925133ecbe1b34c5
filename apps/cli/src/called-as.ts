import { basename } from "node:path";
import { type Environment } from "./hub-context.ts";

/**
 * How a person calls this program: `wheelhouse` where it is on PATH, else the
 * form that works where they are, such as `npx wheelhouse` in a checkout.
 * `WHEELHOUSE_CALLED_AS` says it for a program that starts this one.
 */
export function findCalledAs(
  script: string | undefined,
  env: Environment,
): string {
  const told = env["WHEELHOUSE_CALLED_AS"] ?? "";
  if (told !== "") return told;
  if (env["npm_lifecycle_event"] === "npx") return "npx wheelhouse";
  if (script === undefined || basename(script) === "wheelhouse") {
    return "wheelhouse";
  }
  return `node ${script}`;
}

/** A command in a sentence: not the end of a path, and not one that has its `npx` already. */
const mention =
  /(?<![\w./-]|npx )wheelhouse (?=(?:cluster|context|demo|drift|hub|init|login|logout|prune|reconcile|resume|rollout|sim-cluster|spoke|status|suspend|token|validate|--help)\b|--help)/g;

/** Prose with each `wheelhouse COMMAND` in the form that works for the reader. */
export function writeAsCalled(text: string, calledAs: string): string {
  return text.replace(mention, () => `${calledAs} `);
}
