import { type Command } from "commander";
import { CliProblem } from "../cli-problem.ts";
import { type Terminal, note } from "../output.ts";
import { scrubText } from "../terminal/table.ts";
import { type HubOptions, hubOf, withHubOptions } from "./command-options.ts";

/** `wheelhouse reconcile|suspend|resume`. */
export function addOperateCommands(program: Command, terminal: Terminal): void {
  withHubOptions(
    program
      .command("reconcile")
      .description("compare now: the repository, a cluster, or one bundle")
      .argument(
        "[cluster]",
        "CLUSTER, or CLUSTER/BUNDLE; without it the hub polls Git",
      )
      .argument(
        "[bundle]",
        "such as webapp, or Kustomization/flux-system/webapp",
      ),
  ).action(
    async (
      cluster: string | undefined,
      bundle: string | undefined,
      options: HubOptions,
    ) => {
      const target = cluster === undefined ? {} : targetOf(cluster, bundle);
      const hub = hubOf(terminal, options);
      await hub.reconcile(target);
      terminal.out.write(`${nameOf(target)}: asked\n`);
      if (cluster !== undefined) return;
      const { problem } = (await hub.fleet()).git;
      if (problem !== null) {
        note(terminal, `! the last poll failed: ${scrubText(problem)}\n`);
      }
    },
  );
  addSuspension(program, terminal, {
    name: "suspend",
    description:
      "a cluster: nothing new is issued to it, and it is healed as it is; a bundle: neither applied nor healed, as in Flux",
    done: ({ bundle }) =>
      bundle === undefined
        ? "suspended: nothing new until resume, and healed at what it has"
        : "suspended: neither applied nor healed until resume",
  });
  addSuspension(program, terminal, {
    name: "resume",
    description: "let a suspended cluster or bundle go on",
    done: () => "resumed",
  });
}

function addSuspension(
  program: Command,
  terminal: Terminal,
  {
    name,
    description,
    done,
  }: {
    readonly name: "suspend" | "resume";
    readonly description: string;
    /** What the target is from now on. */
    readonly done: (target: Target) => string;
  },
): void {
  withHubOptions(
    program
      .command(name)
      .description(description)
      .argument("<cluster>", "CLUSTER, or CLUSTER/BUNDLE")
      .argument(
        "[bundle]",
        "such as webapp, or Kustomization/flux-system/webapp",
      ),
  ).action(
    async (
      cluster: string,
      bundle: string | undefined,
      options: HubOptions,
    ) => {
      const target = targetOf(cluster, bundle);
      await hubOf(terminal, options)[name](target);
      terminal.out.write(`${nameOf(target)} ${done(target)}\n`);
    },
  );
}

interface Target {
  readonly cluster: string;
  readonly bundle?: string;
}

/** A bundle is named after a slash, or as a word of its own. */
function targetOf(cluster: string, bundle: string | undefined): Target {
  return bundle === undefined ? parseTarget(cluster) : { cluster, bundle };
}

function nameOf({ cluster, bundle }: Partial<Target>): string {
  if (cluster === undefined) return "fleet repo";
  return bundle === undefined ? cluster : `${cluster}/${bundle}`;
}

/** `prod-eu-1`, `prod-eu-1/webapp`, or `prod-eu-1/Kustomization/flux-system/webapp`; the hub completes a bundle's name where it is the only one. */
export function parseTarget(text: string): Target {
  const slash = text.indexOf("/");
  if (slash < 0) return { cluster: text };
  const cluster = text.slice(0, slash);
  const bundle = text.slice(slash + 1);
  if (cluster === "" || bundle === "") {
    throw CliProblem.usage(
      `${text} is no target`,
      "give CLUSTER, or CLUSTER/BUNDLE such as prod-eu-1/webapp",
    );
  }
  return { cluster, bundle };
}
