import {
  type FleetView,
  type RolloutAction,
  type RolloutActionRequest,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { scrubText } from "../terminal/table.ts";
import { shortId } from "./status-text.ts";

/** A decision that the hub took. */
export interface Decision {
  readonly action: RolloutAction;
  readonly request: RolloutActionRequest;
  /** The rollout before it, where it was looked at. */
  readonly before: RolloutView | null;
  /** The rollout with it. */
  readonly after: RolloutView;
  /** The newest commit that is followed; null where nobody asked, or there is none. */
  readonly head: FleetView["head"];
}

/** What a decision does, and when, in one sentence. */
export function formatDecision(decision: Decision): string {
  const { action, request, before, after } = decision;
  const { name } = after;
  switch (action) {
    case "approve":
      return `wave ${scrubText(request.wave ?? "")} of ${name} is approved${after.phase === "Paused" ? `: it begins once ${name} is resumed` : ""}\n`;
    case "pause":
      return `${name} is paused: nothing more is issued until resume, and what is issued goes on\n`;
    case "abort":
      return `${name} is aborted: every cluster stays where it is\n`;
    case "undo": {
      const back = `every cluster goes back to ${shortId(after.revision.commit, false)} now`;
      return before === null
        ? `the commit of ${name} is rejected for good: ${back}\n`
        : `${shortId(before.revision.commit, false)} is rejected for good: ${back}\n`;
    }
    case "resume":
      return request.revision === undefined
        ? formatResume(after)
        : `${formatAllowed(decision, request.revision)}\n`;
  }
}

function formatResume({ name, phase }: RolloutView): string {
  return phase === "Progressing" || phase === "Completed"
    ? `${name} goes on\n`
    : `${name} is paused no longer; it is ${phase}, as it was before\n`;
}

/** It rolls out where Git names it still, and nobody paused the rollout. */
function formatAllowed({ after, head }: Decision, asked: string): string {
  const allowed = `${scrubText(shortId(asked, false))} is allowed again`;
  if (after.revision.commit.startsWith(asked)) {
    return after.phase === "Progressing"
      ? `${allowed}, and rolls out now`
      : `${allowed}; ${after.name} is at it, and ${after.phase}`;
  }
  if (head?.commit.startsWith(asked) !== true) {
    const newest =
      head === null
        ? ""
        : `: ${head.branch} is at ${shortId(head.commit, false)}`;
    return `${allowed}, and rolls out only once it is the newest commit again${newest}`;
  }
  return after.phase === "Paused"
    ? `${allowed}, and rolls out after: wheelhouse rollout resume ${after.name}`
    : `${allowed}, and rolls out with the hub's next step: wheelhouse rollout status ${after.name}`;
}
