import { type VerdictName } from "@wheelhouse/rest-api";

/** Every verdict, the worst first: the order in which one wins over another. */
export const verdictsByWeight: readonly VerdictName[] = [
  "Unreachable",
  "Stale",
  "Held",
  "Degraded",
  "Drifted",
  "Progressing",
  "Converged",
];

/** What each verdict means, in a sentence for the legend. */
export const verdictMeanings: Readonly<Record<VerdictName, string>> = {
  Converged: "runs what it should, and all of it is Ready",
  Progressing: "is on its way to what it should run",
  Degraded: "something failed, or is not Ready in time",
  Drifted: "something differs from what was applied",
  Held: "stopped on purpose, with a reason a person can act on",
  Stale: "no heartbeat for 45 seconds",
  Unreachable: "no session for 5 minutes",
};

/** Smaller is worse: for sorting what needs a person to the top. */
export function verdictWeight(verdict: VerdictName): number {
  return verdictsByWeight.indexOf(verdict);
}
