import { type Command } from "commander";
import {
  type FleetView,
  type HubClient,
  type RevisionView,
} from "@wheelhouse/rest-api";
import { CliProblem } from "../cli-problem.ts";
import { type Terminal } from "../output.ts";
import { shortId } from "../views/status-text.ts";
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
      const hub = hubOf(terminal, options);
      if (cluster === undefined) {
        terminal.out.write(`fleet repo: ${await lookAtGit(hub)}\n`);
        return;
      }
      const target = targetOf(cluster, bundle);
      await hub.reconcile(target);
      terminal.out.write(`${nameOf(target)}: asked\n`);
    },
  );
  addSuspension(program, terminal, {
    name: "suspend",
    summary: "keep a cluster, or a bundle, as it is until resume",
    description:
      "a cluster: nothing new is issued to it, and it is healed as it is; a bundle: neither applied nor healed, as in Flux",
    done: ({ bundle }) =>
      bundle === undefined
        ? "suspended: nothing new until resume, and healed at what it has"
        : "suspended: neither applied nor healed until resume",
  });
  addSuspension(program, terminal, {
    name: "resume",
    summary: "let a suspended cluster or bundle go on",
    description: "let a suspended cluster or bundle go on",
    done: () => "resumed",
  });
}

/** The newest commit that the hub finds now, and whether it had it before; rejects where Git cannot be asked. */
async function lookAtGit(hub: HubClient): Promise<string> {
  const before = await hub.fleet();
  await hub.reconcile({});
  const after = await hub.fleet();
  const { lastPolledAt, problem } = after.git;
  if (lastPolledAt === before.git.lastPolledAt) {
    return "asked; the hub still looks";
  }
  if (problem !== null) {
    throw CliProblem.refused("fleet repo: not followed", problem);
  }
  const newest = newestOf(after);
  if (newest === null) return "no commit yet";
  const isNew = newest.commit !== newestOf(before)?.commit;
  return `${newest.branch}@${shortId(newest.commit, false)} (${isNew ? "new" : "unchanged"})`;
}

function newestOf({ refused, head }: FleetView): RevisionView | null {
  return refused ?? head;
}

function addSuspension(
  program: Command,
  terminal: Terminal,
  {
    name,
    summary,
    description,
    done,
  }: {
    readonly name: "suspend" | "resume";
    /** Among the other commands; the description is in its own help. */
    readonly summary: string;
    readonly description: string;
    /** What the target is from now on. */
    readonly done: (target: Target) => string;
  },
): void {
  withHubOptions(
    program
      .command(name)
      .summary(summary)
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

function nameOf({ cluster, bundle }: Target): string {
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
