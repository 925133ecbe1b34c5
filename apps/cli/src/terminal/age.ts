import { formatDuration } from "@wheelhouse/rest-api";

export { formatDuration };

/** The age at `now` of something that began then; both RFC 3339. A clock that is behind shows 0s. */
export function formatAge(since: string, now: string): string {
  const ms = Date.parse(now) - Date.parse(since);
  return Number.isNaN(ms) ? "?" : formatDuration(ms);
}
