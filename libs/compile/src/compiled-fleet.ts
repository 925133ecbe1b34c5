import { type AssignedBundle } from "@wheelhouse/assignment";
import { type Problem } from "@wheelhouse/fleet-model";
import { type CompiledCluster } from "./compiled-cluster.ts";
import { keepLastGood } from "./last-good.ts";

/** A problem, and the clusters that stay at their last good state because of it; none for a warning. */
export interface FleetProblem extends Problem {
  readonly clusters: readonly string[];
}

/** What a cluster is to run: what was compiled with the last good in the place of what cannot be built, or the whole last assignment (8.6). */
export function targetBundles(
  compiled: CompiledCluster,
  last: readonly AssignedBundle[],
): readonly AssignedBundle[] {
  return compiled.ok ? keepLastGood(compiled, last) : last;
}

/** One problem that several clusters share is one problem with several clusters; a warning holds none. */
export function mergeProblems(
  compiled: readonly CompiledCluster[],
): readonly FleetProblem[] {
  const merged = new Map<string, FleetProblem>();
  for (const { cluster, problems, warnings } of compiled) {
    const add = (problem: Problem, holds: boolean) => {
      const key = JSON.stringify([holds, problem]);
      const known = merged.get(key);
      const clusters = holds ? [...(known?.clusters ?? []), cluster] : [];
      merged.set(key, { ...problem, clusters });
    };
    problems.forEach((problem) => add(problem, true));
    warnings.forEach((problem) => add(problem, false));
  }
  return [...merged.values()];
}
