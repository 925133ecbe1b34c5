import { shortRevision } from "./revision-identity.ts";
import { returnToPrevious, startGeneration } from "./generation.ts";
import { type Facts } from "./known-cluster.ts";
import { gatherWaves } from "./membership.ts";
import { type RolloutCommand, type RolloutInput } from "./rollout-input.ts";
import { type RolloutEffect } from "./rollout-step.ts";
import { type RolloutPhase, type RolloutState } from "./rollout-state.ts";
import { currentWave } from "./wave-plan.ts";
import { needsApproval } from "./wave-progress.ts";

/** What a command came to: a new state, or why it was refused. */
export type CommandResult =
  | {
      readonly ok: true;
      readonly state: RolloutState;
      readonly effects: readonly RolloutEffect[];
    }
  | { readonly ok: false; readonly refused: string };

/** Carries out what a person asks, or says in words why not. */
export function applyCommand(
  state: RolloutState,
  command: RolloutCommand,
  input: RolloutInput,
  facts: Facts,
): CommandResult {
  const { generation } = command;
  if (generation !== undefined && generation !== state.generation) {
    return refuse(
      `rollout ${state.name} is at generation ${state.generation} ` +
        `(${shortRevision(state.revision)}), not ${generation}: look again`,
    );
  }
  switch (command.kind) {
    case "pause":
      return pause(state, command);
    case "resume":
      return resume(state, command, input, facts);
    case "approve":
      return approve(state, command, facts);
    case "abort":
      return abort(state, command);
    case "undo":
      return undo(state, command, facts);
  }
}

type CommandOf<K extends RolloutCommand["kind"]> = Extract<
  RolloutCommand,
  { kind: K }
>;

function pause(
  state: RolloutState,
  command: CommandOf<"pause">,
): CommandResult {
  if (state.phase === "Paused") return refuse(`already ${state.reason}`);
  if (state.phase === "Aborted") return refuse(isStopped(state));
  if (state.phase === "Completed") {
    return refuse(
      `nothing is rolling out: rollout ${state.name} is Completed; ` +
        "to keep a cluster where it is: wheelhouse suspend CLUSTER",
    );
  }
  const reason = `paused by ${command.by.actor}`;
  return accept(stopAt(state, "Paused", reason), command, reason);
}

function resume(
  state: RolloutState,
  command: CommandOf<"resume">,
  input: RolloutInput,
  facts: Facts,
): CommandResult {
  if (command.revision !== undefined) {
    return takeBack(state, command, command.revision, input, facts);
  }
  if (state.phase !== "Paused" && state.phase !== "Halted") {
    return refuse(
      state.phase === "Aborted"
        ? isStopped(state)
        : `rollout ${state.name} is ${state.phase}: there is nothing to resume`,
    );
  }
  const message = `resumed by ${command.by.actor}`;
  if (state.phase === "Halted") {
    return accept(goOn(tolerate(state), undefined), command, message);
  }
  const { before } = state;
  const still = before?.phase === "Halted" ? `; halted: ${before.reason}` : "";
  return accept(goOn(state, before), command, `${message}${still}`);
}

/**
 * A resume takes back a pause and nothing else, as people know it from
 * suspend and resume of Flux and from the pause of Argo Rollouts: what was
 * halted, blocked or completed before is so again. A failure is forgiven by
 * resuming what is halted, by a person who sees it, and by nothing else.
 */
function goOn(
  state: RolloutState,
  before: RolloutState["before"],
): RolloutState {
  return before === undefined || before.phase === "Progressing"
    ? inPhase(state, "Progressing", "")
    : inPhase(state, before.phase, before.reason);
}

/** Remembers where the rollout stood, also through a pause. */
function stopAt(
  state: RolloutState,
  phase: "Paused" | "Aborted",
  reason: string,
): RolloutState {
  const before = state.before ?? { phase: state.phase, reason: state.reason };
  return { ...inPhase(state, phase, reason), before };
}

/** A person has seen what fails: only what fails from now on counts. */
function tolerate(state: RolloutState): RolloutState {
  const clusters = Object.fromEntries(
    Object.entries(state.clusters).map(([name, progress]) => [
      name,
      progress.failed === null ? progress : { ...progress, tolerated: true },
    ]),
  );
  return { ...state, clusters };
}

const shortestPrefix = 7;

function takeBack(
  state: RolloutState,
  command: CommandOf<"resume">,
  commit: string,
  { head }: RolloutInput,
  facts: Facts,
): CommandResult {
  const names = (revision: { readonly commit: string }): boolean =>
    commit.length >= shortestPrefix && revision.commit.startsWith(commit);
  const message = `${commit} taken back by ${command.by.actor}`;
  if (state.phase === "Aborted" && names(state.revision)) {
    const { revision, spec } = state;
    const start = { revision, spec, returning: false };
    const started = startGeneration(state, start, facts);
    return accept(goOn(started, blockOf(state)), command, message);
  }
  const rejected = state.rejected.filter((revision) => !names(revision));
  if (rejected.length === state.rejected.length) {
    return refuse(`${commit} is not rejected`);
  }
  const taken = { ...state, rejected };
  const isHead = head !== null && names(head.revision);
  return isHead
    ? accept(taken, command, message)
    : accept(taken, command, `${message}; it starts when Git names it`);
}

/** A commit that did not compile when it was aborted starts only once it does. */
function blockOf({ before }: RolloutState): RolloutState["before"] {
  return before?.phase === "Blocked" ? before : undefined;
}

function approve(
  state: RolloutState,
  command: CommandOf<"approve">,
  facts: Facts,
): CommandResult {
  const { wave: name, by } = command;
  const index = state.waves.findIndex((wave) => wave.name === name);
  const wave = state.waves[index];
  if (wave === undefined) {
    const names = state.waves.map((w) => w.name).join(", ");
    return refuse(`there is no wave ${name}; there are ${names}`);
  }
  if (wave.approval !== null) {
    return refuse(`wave ${name} is already approved by ${wave.approval.actor}`);
  }
  if (state.phase !== "Progressing" && state.phase !== "Paused") {
    return refuse(
      `rollout ${state.name} is ${state.phase}: there is nothing to approve`,
    );
  }
  const view = gatherWaves(state, facts)[index];
  const current = currentWave(state);
  if (view === undefined || !needsApproval(state, view)) {
    return refuse(`wave ${name} does not ask for approval`);
  }
  if (current !== index) {
    const turn = current === null ? "" : (state.waves[current]?.name ?? "");
    return refuse(
      `wave ${name} cannot be approved yet: it is the turn of ${turn}`,
    );
  }
  const waves = state.waves.map((w) =>
    w === wave ? { ...w, approval: by } : w,
  );
  const message = `wave ${name} approved by ${by.actor}`;
  return accept({ ...state, waves }, command, message);
}

function abort(
  state: RolloutState,
  command: CommandOf<"abort">,
): CommandResult {
  if (state.phase === "Aborted" || state.phase === "Completed") {
    return refuse(
      `rollout ${state.name} is ${state.phase}: there is nothing to abort`,
    );
  }
  const reason = `aborted by ${command.by.actor}; clusters stay where they are`;
  return accept(stopAt(state, "Aborted", reason), command, reason);
}

function undo(
  state: RolloutState,
  command: CommandOf<"undo">,
  facts: Facts,
): CommandResult {
  const returned = returnToPrevious(state, facts);
  if (returned === null) {
    return refuse(
      `no revision from before ${shortRevision(state.revision)} that was ` +
        "completed is kept: there is nothing to return to; push a commit",
    );
  }
  const message =
    `${shortRevision(state.revision)} rejected by ${command.by.actor}; ` +
    `returns to ${shortRevision(returned.revision)}`;
  return accept(returned, command, message);
}

function isStopped(state: RolloutState): string {
  return (
    `rollout ${state.name} was ${state.reason}; push another commit, or ` +
    `resume with --revision ${shortRevision(state.revision)}`
  );
}

function inPhase(
  state: RolloutState,
  phase: RolloutPhase,
  reason: string,
): RolloutState {
  const { before: _, ...rest } = state;
  return { ...rest, phase, reason };
}

function refuse(refused: string): CommandResult {
  return { ok: false, refused };
}

const noteReasons: Record<RolloutCommand["kind"], string> = {
  pause: "RolloutPaused",
  resume: "RolloutResumed",
  approve: "WaveApproved",
  abort: "RolloutAborted",
  undo: "RolloutUndone",
};

function accept(
  state: RolloutState,
  { kind, by }: RolloutCommand,
  message: string,
): CommandResult {
  const note: RolloutEffect = {
    kind: "note",
    reason: noteReasons[kind],
    message,
    actor: by.actor,
  };
  return { ok: true, state, effects: [note] };
}
