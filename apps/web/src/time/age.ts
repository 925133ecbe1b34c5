import { formatAge, formatDuration } from "@wheelhouse/rest-api";

export { formatAge, formatDuration };

/** How far away an RFC 3339 time is: `in 23h`, or `2m ago`. */
export function formatDistance(when: string, now: number): string {
  const ms = Date.parse(when) - now;
  if (Number.isNaN(ms)) return "?";
  return ms >= 0 ? `in ${formatDuration(ms)}` : `${formatDuration(-ms)} ago`;
}

/** From fresh (0) to old (4): how strongly a report has faded. */
export type Fading = 0 | 1 | 2 | 3 | 4;

/** Beyond 45 s a report is stale, and at 5 min the cluster counts as unreachable: the steps between lie evenly. */
const fadingSteps = [45_000, 110_000, 200_000, 300_000];

/** How faded a report of that time looks; one that never came is as faded as can be. */
export function computeFading(heard: string | null, now: number): Fading {
  if (heard === null) return 4;
  const age = now - Date.parse(heard);
  return fadingSteps.filter((step) => age > step).length as Fading;
}
