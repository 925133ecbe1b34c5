import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Programs that stand beside the command line in a checkout or an installation. */
export type ProgramName = "hub" | "validate" | "spoke";

const files: Readonly<Record<ProgramName, string>> = {
  hub: "hub/dist/main.js",
  validate: "hub/dist/validate.js",
  spoke: "spoke/dist/spoke.js",
};

/** The folder `apps`, seen from the built command line (`apps/cli/dist`). */
const apps = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where a program of ours was built to. */
export function programPath(name: ProgramName): string {
  return join(apps, files[name]);
}

/** The example fleet that ships with the product. */
export const exampleFleet = join(dirname(apps), "deploy/example-fleet");
