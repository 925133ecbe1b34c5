import { nearestWord } from "@wheelhouse/fleet-model";
import { type ClusterView, type FleetView } from "@wheelhouse/rest-api";
import { CliProblem } from "./cli-problem.ts";

/** At most so many names are listed. */
const maxNames = 20;

/** A cluster of the fleet by name; a name that nobody has ends the command, with those that are there. */
export function requireCluster(
  { clusters }: Pick<FleetView, "clusters">,
  name: string,
): ClusterView {
  const found = clusters.find((cluster) => cluster.name === name);
  if (found !== undefined) return found;
  throw CliProblem.refused(
    `Cluster ${name} does not exist`,
    describeKnown(clusters.map((cluster) => cluster.name).sort(), name),
  );
}

function describeKnown(known: readonly string[], name: string): string {
  if (known.length === 0) {
    return "There is none yet; add one: wheelhouse cluster add NAME";
  }
  const near = nearestWord(name, known);
  const guess = near === undefined ? "" : `Did you mean ${near}? `;
  const rest = known.length - maxNames;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return `${guess}There are: ${known.slice(0, maxNames).join(", ")}${more}`;
}
