import { type PruneView } from "@wheelhouse/rest-api";

/** At most so many clusters are named. */
const maxNamed = 5;

/** The line that says which clusters hold deletions until a person decides, and where they are listed; empty where nobody needs to. */
export function formatHeldDeletions(prunes: readonly PruneView[]): string {
  const held = prunes.filter(({ approved }) => !approved);
  if (held.length === 0) return "";
  const clusters = [...new Set(held.map(({ cluster }) => cluster))].sort();
  const rest = clusters.length - maxNamed;
  const more = rest > 0 ? ` and ${rest} more` : "";
  const are = held.length === 1 ? "deletion is" : "deletions are";
  return `! ${held.length} ${are} held on ${clusters.slice(0, maxNamed).join(", ")}${more}: wheelhouse prune list\n`;
}
