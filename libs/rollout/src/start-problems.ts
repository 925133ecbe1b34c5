import { type Revision } from "@wheelhouse/assignment";
import { newProblems } from "@wheelhouse/compile";
import { type Problem } from "@wheelhouse/fleet-model";
import { type RolloutState } from "./rollout-state.ts";

/** A problem of a compiled revision, and the clusters that it holds at their last good state. */
export interface CompileProblem extends Problem {
  readonly clusters: readonly string[];
}

/** The revision that a head's problems are compared with: what was rolled out before it. Null where there is none. */
export function comparedRevision(
  state: RolloutState | null,
  head: Revision,
): Revision | null {
  if (state === null) return null;
  const isRolledOut = state.revision.commit === head.commit;
  // What is blocked never ran: it makes no problem an old one.
  return isRolledOut || state.phase === "Blocked"
    ? state.previous
    : state.revision;
}

/**
 * Why a head should not start, in words: the problems that the revision
 * compared with did not have, of clusters that have run something. On a
 * cluster's first target nothing is new (8.6).
 */
export function startProblems(
  head: readonly CompileProblem[],
  compared: readonly Problem[],
  hasRun: ReadonlySet<string>,
): readonly string[] {
  const counted = head.filter(({ clusters }) =>
    clusters.some((cluster) => hasRun.has(cluster)),
  );
  return newProblems(compared, counted).map(formatProblem);
}

function formatProblem({ location, subject, message }: Problem): string {
  if (location === undefined) return `${subject}: ${message}`;
  const { file, line } = location;
  const at = line === undefined ? file : `${file}:${line}`;
  return `${at} ${subject}: ${message}`;
}
