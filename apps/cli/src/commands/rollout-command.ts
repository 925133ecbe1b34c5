import { type Command, InvalidArgumentError } from "commander";
import {
  type HubClient,
  type RolloutAction,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { exitCodes } from "@wheelhouse/programs";
import { CliProblem } from "../cli-problem.ts";
import { followFleet, stopOnInterrupt } from "../followed-fleet.ts";
import { type Terminal, note, tell } from "../output.ts";
import { confirm } from "../terminal/confirm.ts";
import { scrubText } from "../terminal/table.ts";
import { formatDecision } from "../views/decision-text.ts";
import { formatRefused, formatRollout } from "../views/rollout-text.ts";
import { shortId } from "../views/status-text.ts";
import {
  type HubOptions,
  type ListOptions,
  hubOf,
  print,
  withHubOptions,
  withListOptions,
} from "./command-options.ts";

/** `wheelhouse rollout status|approve|pause|resume|abort|undo`. */
export function addRolloutCommand(program: Command, terminal: Terminal): void {
  const rollout = program
    .command("rollout")
    .description("see a rollout, and decide on it");
  addStatus(rollout, terminal);
  addAction(rollout, terminal, {
    action: "pause",
    description: "issue nothing more, until resume; healing goes on",
  });
  addAction(rollout, terminal, {
    action: "abort",
    description: "stop for good; every cluster stays where it is",
  });
  addUndo(rollout, terminal);
  withDecisionOptions(
    rollout
      .command("resume")
      .description("go on after a pause or a halt")
      .argument("[name]", "the rollout", "default"),
  )
    .option(
      "--revision <commit>",
      "allow a rejected commit again, and roll it out",
    )
    .action(
      async (name: string, options: DecisionOptions & { revision?: string }) =>
        act(terminal, options, name, "resume", {
          ...(options.revision === undefined
            ? {}
            : { revision: options.revision }),
        }),
    );
  withDecisionOptions(
    rollout
      .command("approve")
      .description("let a wave begin that waits for a person")
      .argument("[name]", "the rollout", "default"),
  )
    .option(
      "--wave <name>",
      "the wave that may begin; default: the one that waits",
    )
    .action(
      async (name: string, options: DecisionOptions & { wave?: string }) => {
        const { wave } = options;
        if (wave !== undefined) {
          return act(terminal, options, name, "approve", { wave });
        }
        const found = await hubOf(terminal, options).rollout(name);
        const { generation = found.generation } = options;
        const decided = { ...options, generation };
        const request = { wave: waitingWave(found) };
        return act(terminal, decided, name, "approve", request, found);
      },
    );
}

/** The one wave that waits for approval; throws where there is none, or a choice. */
function waitingWave({ name, waves }: RolloutView): string {
  const waiting = waves.filter(({ needsApproval }) => needsApproval);
  const [wave, another] = waiting;
  if (wave === undefined) {
    throw CliProblem.refused(
      `no wave of ${name} waits for approval`,
      `see what each waits for: wheelhouse rollout status ${name}`,
    );
  }
  if (another === undefined) return wave.name;
  throw CliProblem.usage(
    `${waiting.length} waves of ${name} wait for approval`,
    `say which: ${waiting.map((one) => `--wave ${one.name}`).join(", or ")}`,
  );
}

function addAction(
  rollout: Command,
  terminal: Terminal,
  {
    action,
    description,
  }: { readonly action: RolloutAction; readonly description: string },
): void {
  withDecisionOptions(
    rollout
      .command(action)
      .description(description)
      .argument("[name]", "the rollout", "default"),
  ).action(async (name: string, options: DecisionOptions) =>
    act(terminal, options, name, action, {}),
  );
}

interface UndoOptions extends DecisionOptions {
  readonly yes?: boolean;
}

function addUndo(rollout: Command, terminal: Terminal): void {
  withDecisionOptions(
    rollout
      .command("undo")
      .summary("reject the rollout's commit, and go back to the one before")
      .description(
        "reject the rollout's commit for good, and take every cluster back to the one before; asks where the rollout is Completed",
      )
      .argument("[name]", "the rollout", "default"),
  )
    .option("-y, --yes", "do not ask")
    .action(async (name: string, options: UndoOptions) => {
      const found = await hubOf(terminal, options).rollout(name);
      await askForCompleted(terminal, found, options);
      const { generation = found.generation } = options;
      const decided = { ...options, generation };
      await act(terminal, decided, name, "undo", {}, found);
    });
}

/** A rollout that stands or is on its way is undone at once; of one that is everywhere nobody waits for the undo, and the name may be a slip. */
async function askForCompleted(
  terminal: Terminal,
  { name, phase, revision, previous, generation }: RolloutView,
  options: UndoOptions,
): Promise<void> {
  if (phase !== "Completed" || previous === null) return;
  const { generation: seen = generation } = options;
  if (seen !== generation) {
    throw CliProblem.refused(
      `${name} is at generation ${generation} now, not at ${seen}`,
      `look first: wheelhouse rollout status ${name} -o wide`,
    );
  }
  const [from, to] = [revision, previous].map(
    ({ commit, subject }) =>
      `${shortId(commit, false)} "${scrubText(subject)}"`,
  );
  await confirm(
    terminal,
    `${name} is Completed. Reject ${from} for good, and take every cluster back to ${to}?`,
    options,
  );
}

interface DecisionOptions extends HubOptions {
  readonly generation?: number;
}

function withDecisionOptions(command: Command): Command {
  return withHubOptions(command).option(
    "--generation <number>",
    "decide only if the rollout is still at this generation, as rollout status -o wide shows it; default: the one that is found now",
    parseGeneration,
  );
}

function parseGeneration(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a whole number from 1.");
}

/** A decision is about the rollout that was looked at: where another has begun meanwhile, the hub refuses. */
async function act(
  terminal: Terminal,
  options: DecisionOptions,
  name: string,
  action: RolloutAction,
  request: { readonly wave?: string; readonly revision?: string },
  lookedAt: RolloutView | null = null,
): Promise<void> {
  const hub = hubOf(terminal, options);
  const seen = options.generation;
  const found = seen === undefined ? await hub.rollout(name) : lookedAt;
  if (action === "pause" && found?.phase === "Completed") {
    throw CliProblem.refused(
      `nothing is rolling out: ${name} is Completed`,
      "to keep a cluster where it is: wheelhouse suspend CLUSTER",
    );
  }
  const generation = seen ?? found?.generation;
  const decision = {
    ...request,
    ...(generation === undefined ? {} : { generation }),
  };
  const after = await hub.actOnRollout(name, action, decision);
  const { revision } = request;
  const isElsewhere =
    revision !== undefined && !after.revision.commit.startsWith(revision);
  const head = isElsewhere ? (await hub.fleet()).head : null;
  const said = formatDecision({ action, request, before: found, after, head });
  tell(terminal, `${said}${formatRollout(after, terminal.palette)}`);
}

interface RolloutStatusOptions extends ListOptions {
  readonly watch?: boolean;
}

function addStatus(rollout: Command, terminal: Terminal): void {
  withListOptions(
    rollout
      .command("status")
      .description("each wave: where it is, and what it waits for")
      .argument("[name]", "the rollout; all without it"),
  )
    .option("-w, --watch", "wait until it is completed, halted or aborted")
    .action(async (name: string | undefined, options: RolloutStatusOptions) => {
      const hub = hubOf(terminal, options);
      const views =
        options.watch === true
          ? await waitForEnd(hub, name, terminal)
          : name === undefined
            ? await hub.rollouts()
            : [await hub.rollout(name)];
      if (views === null) return;
      const wide = options.output === "wide";
      const text = views
        .map((view) => formatRollout(view, terminal.palette, wide))
        .join("\n");
      print(terminal, options, {
        value: name === undefined ? views : views[0],
        names: views.map((view) => `rollout/${view.name}`),
        text: text === "" ? await formatNone(hub, terminal) : text,
      });
      const ended = ["Halted", "Blocked", "Aborted"];
      const isStopped = ({ phase, refused = null }: RolloutView) =>
        ended.includes(phase) || refused !== null;
      if (views.some(isStopped)) {
        terminal.setExitCode(exitCodes.finding);
      }
    });
}

/** Before the first rollout a commit that is refused is all that there is to say. */
async function formatNone(hub: HubClient, terminal: Terminal): Promise<string> {
  const { refused } = await hub.fleet();
  const lines = formatRefused(refused, terminal.palette);
  return [...lines, "no rollout yet"].map((line) => `${line}\n`).join("");
}

/** What a program that reads along is told of: not the seconds that a soak counts. */
function stagesOf(views: readonly RolloutView[]): string {
  return JSON.stringify(
    views.map(({ name, phase, revision, refused, waves }) => [
      ...[name, phase, revision.commit, refused?.commit],
      waves.map(({ state, needsApproval, clusters }) => [
        ...[state, needsApproval],
        clusters.map((cluster) => [cluster.name, cluster.stage]),
      ]),
    ]),
  );
}

/** The rollouts once none goes on; null where Ctrl-C came first. */
async function waitForEnd(
  hub: HubClient,
  name: string | undefined,
  terminal: Terminal,
): Promise<readonly RolloutView[] | null> {
  // One that is not there is said to be so, and not waited for.
  if (name !== undefined) await hub.rollout(name);
  const stop = stopOnInterrupt(terminal);
  let last = "";
  let views: readonly RolloutView[] = [];
  for await (const fleet of followFleet(hub, stop.signal, terminal)) {
    const found = fleet.rollouts.filter(
      (view) => name === undefined || view.name === name,
    );
    // A hub that has just started has not looked yet: no rollout has vanished.
    if (found.length === 0 && (views.length > 0 || name !== undefined))
      continue;
    views = found;
    if (views.every(({ phase }) => phase !== "Progressing")) break;
    const text = views
      .map((view) => formatRollout(view, terminal.palette))
      .join("");
    const news = terminal.err.isTTY ? text : stagesOf(views);
    if (news !== last) note(terminal, text);
    last = news;
  }
  if (stop.signal.aborted) return null;
  stop.abort();
  return views;
}
