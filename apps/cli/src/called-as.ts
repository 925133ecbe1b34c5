import { basename } from "node:path";
import { calledAsVariable } from "@wheelhouse/programs";
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
  const told = env[calledAsVariable] ?? "";
  if (told !== "") return told;
  if (env["npm_lifecycle_event"] === "npx") return "npx wheelhouse";
  if (script === undefined || basename(script) === "wheelhouse") {
    return "wheelhouse";
  }
  return `node ${script}`;
}
