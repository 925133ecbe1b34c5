import {
  type ClusterView,
  type FleetView,
  type RevisionView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { count, shortId } from "../verdict/names.ts";
import { needsApproval } from "./gate.ts";

/** A commit that Git names and the fleet does not run. */
export interface CommitBeside {
  readonly revision: RevisionView;
  readonly word: "rejected" | "refused" | "pushed, not rolled out";
  /** Why, in a few words; empty where the word says it all. */
  readonly why: string;
}

/** What the fleet runs, and how it came to that, in words. */
export interface FleetStanding {
  /** What the fleet runs, or is on its way to; null before the first. */
  readonly revision: RevisionView | null;
  /** How far that has come; empty where it is where it is to be. */
  readonly reach: string;
  /** The newest commits, where they are not what the fleet runs. */
  readonly beside: readonly CommitBeside[];
  /** Where the rollout is, or why it is not further: what stands beside its phase. */
  readonly rollout: string;
}

type Sources = Pick<FleetView, "head" | "refused" | "clusters">;

/** Says what the fleet runs and what came of the newest commits; `rollout` is undefined before the first. */
export function describeStanding(
  fleet: Sources,
  rollout: RolloutView | undefined,
): FleetStanding {
  // One that never started is not what the fleet runs: that is the one before.
  const revision =
    rollout?.phase === "Blocked"
      ? rollout.previous
      : (rollout?.revision ?? null);
  return {
    revision,
    reach: rollout === undefined ? "" : describeReach(rollout, fleet.clusters),
    beside: commitsBeside(fleet, rollout, revision),
    rollout: rollout === undefined ? "" : describeRollout(rollout),
  };
}

function commitsBeside(
  { head, refused }: Sources,
  rollout: RolloutView | undefined,
  revision: RevisionView | null,
): readonly CommitBeside[] {
  const found: CommitBeside[] = [];
  const add = (beside: CommitBeside) => {
    const isNamed = [revision, ...found.map((one) => one.revision)].some(
      (one) => one?.commit === beside.revision.commit,
    );
    if (!isNamed) found.push(beside);
  };
  if (rollout?.phase === "Blocked") {
    const why = "cannot be built";
    add({ revision: rollout.revision, word: "refused", why });
  }
  if (head !== null) {
    const isRejected = rollout?.rejected.includes(head.commit) === true;
    const why =
      !isRejected && rollout?.phase === "Paused" ? "until a resume" : "";
    const word = isRejected ? "rejected" : "pushed, not rolled out";
    add({ revision: head, word, why });
  }
  if (refused !== null) {
    add({ revision: refused, word: "refused", why: "cannot be read" });
  }
  return found;
}

/** How many have been issued the revision, and where the others are. */
function describeReach(
  { phase, waves, revision, returning }: RolloutView,
  clusters: readonly ClusterView[],
): string {
  if (phase === "Completed" || phase === "Blocked") return "";
  const members = new Set(
    waves.flatMap((wave) => wave.clusters.map(({ name }) => name)),
  );
  const commits = clusters
    .filter(({ name }) => members.has(name))
    .map(({ assignment }) => assignment?.commit ?? null);
  if (commits.length === 0) return "";
  const others = commits.filter((commit) => commit !== revision.commit);
  const issued = commits.length - others.length;
  const back = returning ? "going back: " : "";
  if (others.length === 0) return `${back}issued to every cluster`;
  const rest =
    issued === 0
      ? "the fleet is"
      : others.length === 1
        ? "the other is"
        : "the others are";
  const far =
    issued === 0
      ? "issued to no cluster yet"
      : `issued to ${issued} of ${count(commits.length, "cluster")}`;
  const places = new Set(others);
  // Before the first revision there is no other place to be at.
  if (places.size === 1 && places.has(null)) return back + far;
  const [place = null] = places;
  return `${back}${far}; ${rest} at ${places.size > 1 ? "other commits" : shortId(place)}`;
}

/** Whether a cluster is still to get what its rollout brings; what never started brings nothing. */
export function isBehind(
  rollouts: readonly RolloutView[],
  { wave, assignment }: ClusterView,
): boolean {
  const own = rollouts.find(({ waves }) =>
    waves.some(({ name }) => name === wave),
  );
  return (
    own !== undefined &&
    own.phase !== "Blocked" &&
    assignment !== null &&
    assignment.commit !== own.revision.commit
  );
}

function describeRollout(rollout: RolloutView): string {
  const { phase, reason, returning } = rollout;
  const back = returning ? "going back: " : "";
  switch (phase) {
    case "Progressing":
      return back + describeProgress(rollout);
    case "Completed":
      return describeCompletion(rollout);
    case "Paused":
    case "Halted":
    case "Blocked":
    case "Aborted":
      return back + withoutWord(reason, phase);
  }
}

/** `paused by ops` beside the word Paused is `by ops`. */
function withoutWord(reason: string, phase: RolloutView["phase"]): string {
  const word = `${phase.toLowerCase()} `;
  return reason.startsWith(word) ? reason.slice(word.length) : reason;
}

function describeProgress({ waves }: RolloutView): string {
  if (waves.every(({ total }) => total === 0)) {
    return "waits for the first cluster to join";
  }
  const place = waves.findIndex(({ state }) => state !== "completed");
  const wave = waves[place];
  if (wave === undefined) return "every wave is done";
  const doing = needsApproval(wave)
    ? "waits for approval"
    : wave.state === "soaking"
      ? "soaking"
      : `${wave.confirmed} of ${wave.total} confirmed`;
  return `wave ${place + 1} of ${waves.length} (${wave.name}), ${doing}`;
}

/** The hub's reason is why the newest commit is not what is done; and a rollout ends without those whom no wave waits for. */
function describeCompletion(rollout: RolloutView): string {
  const { reason, returning, revision, waves } = rollout;
  const done = returning
    ? `every wave is back at ${shortId(revision.commit)}`
    : "every wave is done";
  const absent = waves.flatMap(({ clusters, notJoined = [] }) => [
    ...clusters.filter(
      ({ stage }) => stage !== "confirmed" && stage !== "unchanged",
    ),
    ...notJoined,
  ]).length;
  const parts = [
    reason === "" ? done : reason,
    ...(absent === 0
      ? []
      : [
          `${count(absent, "cluster")} ${absent === 1 ? "has" : "have"} not taken it`,
        ]),
  ];
  return parts.join("; ");
}
