const units: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/** A duration as kubectl shows ages: the largest unit, and the next below it while the number is small. */
export function formatDuration(ms: number): string {
  const rest = Math.max(0, Math.floor(ms / 1000) * 1000);
  const index = units.findIndex(([, size]) => rest >= size);
  const unit = units[index];
  if (unit === undefined) return "0s";
  const [name, size] = unit;
  const count = Math.floor(rest / size);
  const below = units[index + 1];
  const belowCount =
    below === undefined || count >= 10
      ? 0
      : Math.floor((rest % size) / below[1]);
  return below === undefined || belowCount === 0
    ? `${count}${name}`
    : `${count}${name}${belowCount}${below[0]}`;
}

/** The age at `now` of something that began then; both RFC 3339. A clock that is behind shows 0s. */
export function formatAge(since: string, now: string): string {
  const ms = Date.parse(now) - Date.parse(since);
  return Number.isNaN(ms) ? "?" : formatDuration(ms);
}
