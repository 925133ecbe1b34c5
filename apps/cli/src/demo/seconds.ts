import { formatDuration } from "@wheelhouse/rest-api";

/** Seconds with one digit: a story's times are small. */
export function formatSeconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)}s` : formatDuration(ms);
}
