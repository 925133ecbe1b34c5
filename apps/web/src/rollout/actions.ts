import { type RolloutAction, type RolloutView } from "@wheelhouse/rest-api";
import { shortId } from "../verdict/names.ts";

/** Something a person can do to a rollout now, and what it will mean. */
export interface RolloutChoice {
  readonly action: Exclude<RolloutAction, "approve">;
  readonly label: string;
  readonly isGrave: boolean;
  readonly question: string;
}

/** What can be done to a rollout in its phase, the mildest first. */
export function rolloutChoices(rollout: RolloutView): readonly RolloutChoice[] {
  const pause: RolloutChoice = {
    action: "pause",
    label: "Pause",
    isGrave: false,
    question:
      "Pause this rollout? No further cluster gets the revision until it is resumed; those that have it keep it.",
  };
  const resume: RolloutChoice = {
    action: "resume",
    label: "Resume",
    isGrave: false,
    question: `Resume this rollout at ${shortId(rollout.revision.commit)}? Waves go on where they stopped.`,
  };
  const abort: RolloutChoice = {
    action: "abort",
    label: "Abort",
    isGrave: true,
    question:
      "Abort this rollout? It ends where it stands: clusters that have the revision keep it, the others do not get it.",
  };
  const undo: RolloutChoice = {
    action: "undo",
    label: "Undo",
    isGrave: true,
    question: `Undo this rollout? Every cluster goes back to ${shortId(rollout.previous?.commit ?? null)}, and ${shortId(rollout.revision.commit)} is rejected for good: only another commit moves the fleet on.`,
  };
  const back = rollout.previous === null ? [] : [undo];
  switch (rollout.phase) {
    case "Progressing":
      return [pause, abort, ...back];
    case "Paused":
    case "Halted":
      return [resume, abort, ...back];
    case "Blocked":
      return back;
    case "Completed":
    case "Aborted":
      return back;
  }
}

/** What a person can do about a rollout that does not go on, by the names of the buttons; empty where nothing is to be decided. */
export function nextStep({ phase, previous }: RolloutView): string {
  const undo =
    previous === null
      ? ""
      : `, go back to ${shortId(previous.commit)} with Undo,`;
  switch (phase) {
    case "Halted":
      return `Push a fix${undo} or go on all the same with Resume.`;
    case "Paused":
      return "Go on with Resume.";
    case "Blocked":
      return "Push a commit that compiles.";
    case "Aborted":
      return "Push another commit.";
    case "Progressing":
    case "Completed":
      return "";
  }
}
