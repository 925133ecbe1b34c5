import { readFileSync } from "node:fs";
import { type Command } from "commander";
import {
  errorText,
  matchesSelector,
  parseSelector,
} from "@wheelhouse/kube-object";
import {
  type FleetView,
  type HubClient,
  HubProblem,
  type PruneView,
  approvalOf,
} from "@wheelhouse/rest-api";
import { CliProblem } from "../cli-problem.ts";
import { type Terminal, note } from "../output.ts";
import { confirm } from "../terminal/confirm.ts";
import { formatPrunes } from "../views/drift-text.ts";
import {
  type HubOptions,
  type ListOptions,
  hubOf,
  lookOf,
  print,
  withHubOptions,
  withListOptions,
} from "./command-options.ts";

/** `wheelhouse prune list|approve`. */
export function addPruneCommand(program: Command, terminal: Terminal): void {
  const prune = program
    .command("prune")
    .description("deletions that are held until a person approves them");
  withListOptions(
    prune.command("list").description("every held deletion, with its reason"),
  ).action(async (options: ListOptions) => {
    const prunes = await hubOf(terminal, options).prunes();
    print(terminal, options, {
      value: prunes,
      names: prunes.map(
        ({ cluster, object }) =>
          `${cluster}/${object.kind}/${object.namespace}/${object.name}`,
      ),
      text: formatPrunes(prunes, lookOf(terminal, options)),
    });
  });
  addApprove(prune, terminal);
}

interface ApproveOptions extends HubOptions, Choice {
  readonly yes?: boolean;
}

/** Which of the held deletions are meant. */
interface Choice {
  readonly revision?: string;
  readonly selector?: string;
  readonly listed?: string;
  readonly all?: boolean;
}

function addApprove(prune: Command, terminal: Terminal): void {
  withHubOptions(
    prune
      .command("approve")
      .description("list held deletions, ask, and delete exactly these, once"),
  )
    .option("--revision <commit>", "those that this commit no longer names")
    .option("-l, --selector <selector>", "those on clusters with these labels")
    .option(
      "--listed <file>",
      "those in this file, as prune list -o json wrote it; - reads standard input",
    )
    .option("--all", "all that are held")
    .option("-y, --yes", "do not ask")
    .action(async (options: ApproveOptions) => {
      requireChoice(options);
      await approve(terminal, hubOf(terminal, options), options);
    });
}

/** A deletion is never approved by leaving something out, nor by a variable of a script that was empty. */
function requireChoice({ revision, selector, listed, all }: Choice): void {
  if (revision !== undefined && !/^[0-9a-f]{7,64}$/i.test(revision)) {
    throw CliProblem.usage(
      `--revision "${revision}": not a commit`,
      "give its first 7 hexadecimal digits or more; wheelhouse prune list shows them",
    );
  }
  if (selector?.trim() === "") {
    throw CliProblem.usage(
      "-l: the selector is empty",
      "name labels, such as -l region=eu, or say --all",
    );
  }
  const isChosen = [revision, selector, listed].some((x) => x !== undefined);
  if (isChosen || all === true) return;
  throw CliProblem.usage(
    "say what is approved",
    "give --revision COMMIT, -l SELECTOR, --listed FILE or --all; wheelhouse prune list shows what is held",
  );
}

/** Approves what was shown. Where that has changed when a person said yes, it is shown again. */
async function approve(
  terminal: Terminal,
  hub: HubClient,
  options: ApproveOptions,
): Promise<void> {
  for (;;) {
    const listed = chooseHeld(await hub.fleet(), options);
    if (listed.length === 0) {
      throw CliProblem.refused(
        "no deletion that waits for approval fits",
        "see what is held: wheelhouse prune list",
      );
    }
    const look = { palette: terminal.palette, wide: false, noHeaders: true };
    note(terminal, formatPrunes(listed, look));
    const count = `${listed.length} ${listed.length === 1 ? "object" : "objects"}`;
    await confirm(terminal, `Delete ${count}?`, options);
    try {
      await hub.approvePrunes(approvalOf(listed));
      terminal.out.write(`${count} approved for deletion\n`);
      return;
    } catch (error) {
      const hasChanged = error instanceof HubProblem && error.status === 409;
      if (!hasChanged || options.yes === true) throw error;
      note(terminal, `\n${error.message}\n\n`);
    }
  }
}

/** The held deletions that are meant, without those approved already. */
export function chooseHeld(
  { prunes, clusters }: Pick<FleetView, "prunes" | "clusters">,
  { revision, selector, listed }: Choice,
): readonly PruneView[] {
  const parsed = parseSelector(selector ?? "");
  if (!parsed.ok) throw CliProblem.usage(`-l ${selector}: ${parsed.problem}`);
  const labels = new Map(clusters.map((one) => [one.name, one.labels]));
  const named = listed === undefined ? undefined : readListed(listed);
  return prunes.filter(
    (prune) =>
      !prune.approved &&
      prune.commit.startsWith((revision ?? "").toLowerCase()) &&
      matchesSelector(parsed.selector, labels.get(prune.cluster) ?? {}) &&
      (named === undefined || named.has(keyOf(prune))),
  );
}

function keyOf(prune: Pick<PruneView, "cluster" | "object">): string {
  return JSON.stringify(approvalOf([prune]).objects);
}

function readListed(file: string): ReadonlySet<string> {
  const name = file === "-" ? "standard input" : file;
  const advice = "make it with: wheelhouse prune list -o json";
  try {
    const text = readFileSync(file === "-" ? 0 : file, "utf8");
    return new Set((JSON.parse(text) as PruneView[]).map(keyOf));
  } catch (error) {
    const why = errorText(error);
    throw CliProblem.usage(`${name}: no list of deletions: ${why}`, advice);
  }
}
