import { type Command, InvalidArgumentError } from "commander";
import { nearestWord } from "@wheelhouse/fleet-model";
import { findLabelProblem } from "@wheelhouse/kube-object";
import {
  type ClusterView,
  type FleetView,
  type JoinView,
} from "@wheelhouse/rest-api";
import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { stringify } from "yaml";
import { CliProblem } from "../cli-problem.ts";
import { type Terminal, note, tell } from "../output.ts";
import { confirm } from "../terminal/confirm.ts";
import { formatDuration } from "../terminal/age.ts";
import { formatClusters } from "../views/status-text.ts";
import {
  type HubOptions,
  type ListOptions,
  hubOf,
  lookOf,
  print,
  withHubOptions,
  withListOptions,
} from "./command-options.ts";

interface JoinOptions extends HubOptions {
  readonly joinFile?: string;
  readonly yes?: boolean;
}

/** `wheelhouse cluster list|add|repoint|remove`. */
export function addClusterCommand(program: Command, terminal: Terminal): void {
  const cluster = program
    .command("cluster")
    .description("the clusters of the fleet");
  withListOptions(
    cluster.command("list").description("every cluster with its verdict"),
  ).action(async (options: ListOptions) => {
    const fleet = await hubOf(terminal, options).fleet();
    print(terminal, options, {
      value: fleet.clusters,
      names: fleet.clusters.map(({ name }) => `cluster/${name}`),
      text: formatClusters(fleet, lookOf(terminal, options)),
    });
  });
  addAdd(cluster, terminal);
  addRepoint(cluster, terminal);
  withHubOptions(
    cluster
      .command("remove")
      .description("let a cluster leave the fleet; its workloads stay")
      .argument("<name>", "the cluster"),
  )
    .option("-y, --yes", "do not ask")
    .action(async (name: string, options: HubOptions & { yes?: boolean }) => {
      const hub = hubOf(terminal, options);
      await hub.cluster(name);
      await confirm(
        terminal,
        `Let ${name} leave the fleet, and revoke its identity for good?`,
        options,
      );
      const { notice } = await hub.removeCluster(name);
      tell(terminal, `cluster/${name} removed; its workloads stay\n`);
      if (notice !== "") note(terminal, `${notice}\n`);
    });
}

function addAdd(cluster: Command, terminal: Terminal): void {
  withHubOptions(
    cluster
      .command("add")
      .description("expect a cluster, and make a token for its spoke to join")
      .argument("<name>", "the cluster's name, as Git has it"),
  )
    .option(
      "-l, --label <key=value>",
      "a label, where Git does not name the cluster; may be repeated",
      collectLabel,
    )
    .option(
      "--join-file <file>",
      "write what the spoke needs here, not to the terminal",
    )
    .option("-y, --yes", "do not ask where the name looks misspelt")
    .action(
      async (
        name: string,
        options: JoinOptions & { label?: Record<string, string> },
      ) => {
        const { label: given = {} } = options;
        requireWritable(options.joinFile);
        const hub = hubOf(terminal, options);
        await askForStranger(terminal, await hub.fleet(), name, options);
        const join = await hub.addCluster({ name, labels: given });
        tell(terminal, `cluster/${name} added; it waits for its spoke\n`);
        if (join.endsEarlierToken === true) {
          note(
            terminal,
            `! the token that was made for ${name} before is worthless now: only the one below is good\n`,
          );
        }
        const { source, labels } = await hub.cluster(name);
        noteIgnoredLabels(terminal, name, { source, labels }, given);
        if (source === "api") {
          note(terminal, formatClusterFile(name, labels));
        }
        handJoin(terminal, join, options.joinFile);
      },
    );
}

/** Labels are those of the Cluster object in Git, or of the first `cluster add`. */
function noteIgnoredLabels(
  terminal: Terminal,
  name: string,
  { source, labels }: Pick<ClusterView, "source" | "labels">,
  asked: Readonly<Record<string, string>>,
): void {
  if (Object.entries(asked).every(([key, value]) => labels[key] === value)) {
    return;
  }
  const where =
    source === "git"
      ? "those in Git count: change its Cluster object"
      : `it keeps those it was added with: to begin anew, wheelhouse cluster remove ${name}`;
  note(terminal, `! --label was not taken over: ${where}\n`);
}

/** A name that Git does not have is mostly one that is misspelt: said before anything is made for it, and asked where another one is near. */
async function askForStranger(
  terminal: Terminal,
  { clusters, head }: FleetView,
  name: string,
  options: { readonly yes?: boolean },
): Promise<void> {
  const known = clusters.map((cluster) => cluster.name);
  if (head === null || known.includes(name)) return;
  const near = nearestWord(name, known);
  note(
    terminal,
    `! Git does not name ${name}${near === undefined ? "" : `; did you mean ${near}?`}\n`,
  );
  if (near === undefined) return;
  await confirm(terminal, `Add ${name} all the same?`, options);
}

function addRepoint(cluster: Command, terminal: Terminal): void {
  withHubOptions(
    cluster
      .command("repoint")
      .description("give a dead cluster's place to a new one")
      .argument("<name>", "the cluster"),
  )
    .option(
      "--join-file <file>",
      "write what the spoke needs here, not to the terminal",
    )
    .option("-y, --yes", "do not ask")
    .action(async (name: string, options: JoinOptions) => {
      requireWritable(options.joinFile);
      const hub = hubOf(terminal, options);
      const { uid, spoke } = await hub.cluster(name);
      await confirm(
        terminal,
        `Give the place of ${name} to a new cluster? The old one (${uid}, ${spoke.connected ? "connected now" : "not connected"}) is shut out for good.`,
        options,
      );
      const join = await hub.repointCluster(name);
      tell(
        terminal,
        `cluster/${name} repointed to ${join.uid}; the old spoke can no longer connect\n`,
      );
      if (join.revokedUidsLine !== null) {
        tell(
          terminal,
          `\nput this into spec of ${join.revokedUidsFile ?? `the Cluster object ${name}`}, so that a rebuilt hub knows it too:\n  ${join.revokedUidsLine}\n`,
        );
      }
      tellNeeds(terminal, "must be in the new cluster", join.needs);
      tellNeeds(
        terminal,
        "may be missing there, and then counts as empty",
        join.optionalNeeds ?? [],
      );
      handJoin(terminal, join, options.joinFile);
    });
}

function tellNeeds(
  terminal: Terminal,
  title: string,
  needs: readonly string[],
): void {
  if (needs.length === 0) return;
  const lines = needs.map((need) => `  ${need}\n`).join("");
  tell(terminal, `\n${title}:\n${lines}`);
}

/** Looked at before the hub acts: a token that cannot be written is lost. */
function requireWritable(file: string | undefined): void {
  if (file === undefined) return;
  if (existsSync(file)) {
    throw CliProblem.usage(
      `${file} is there already`,
      "give --join-file another name, or remove it",
    );
  }
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch {
    throw CliProblem.usage(
      `${file} cannot be written: ${dirname(resolve(file))} is no directory that you may write to`,
      "give --join-file another place, or make the directory",
    );
  }
}

/** What Git needs to know of a cluster that it does not name. */
function formatClusterFile(
  name: string,
  labels: Readonly<Record<string, string>>,
): string {
  const object = {
    apiVersion: "fleet.wheelhouse.dev/v1alpha1",
    kind: "Cluster",
    metadata: {
      name,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
    },
    spec: { path: `./clusters/${name}` },
  };
  const lines = stringify(object).trimEnd().split("\n");
  return `\nGit does not name ${name} yet. Until it does, only this hub knows it. Commit fleet/clusters/${name}.yaml:\n\n${lines.map((line) => `  ${line}\n`).join("")}\n`;
}

/** To the nearest minute: of fifteen, the asking took a moment. */
function formatMinutesLeft(end: string): string {
  const minutes = Math.round((Date.parse(end) - Date.now()) / 60_000);
  return formatDuration(minutes * 60_000);
}

/** A token is shown once, or written to a 0600 file for the spoke to read; it is never an argument. */
function handJoin(
  terminal: Terminal,
  join: JoinView,
  file: string | undefined,
): void {
  const text = `${JSON.stringify(join, null, 2)}\n`;
  const left = formatMinutesLeft(join.tokenExpiresAt);
  if (file === undefined) {
    tell(
      terminal,
      `\nsave this as join.json (single use, valid for ${left}) and start the spoke with it:\n  wheelhouse spoke --kubeconfig KUBECONFIG --join-file join.json\n\n${text}`,
    );
    return;
  }
  writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  tell(
    terminal,
    `\nstart the spoke within ${left}:\n  wheelhouse spoke --kubeconfig KUBECONFIG --join-file ${file}\n`,
  );
}

function collectLabel(
  text: string,
  labels: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError("a label is KEY=VALUE.");
  }
  const problem = findLabelProblem(key, value);
  if (problem !== null) throw new InvalidArgumentError(`${problem}.`);
  return { ...labels, [key]: value };
}
