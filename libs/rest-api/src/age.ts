import { formatDuration } from "./duration.ts";

/** The age at `now` (RFC 3339, or ms since 1970) of something that began at an RFC 3339 time: `3m`; `?` for a time that is none. A clock that is behind shows 0s. */
export function formatAge(since: string, now: string | number): string {
  const nowMs = typeof now === "number" ? now : Date.parse(now);
  const ms = nowMs - Date.parse(since);
  return Number.isNaN(ms) ? "?" : formatDuration(ms);
}
