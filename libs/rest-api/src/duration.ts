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
  if (below === undefined || count >= 10) return `${count}${name}`;
  const part = Math.floor((rest % size) / below[1]);
  return part === 0 ? `${count}${name}` : `${count}${name}${part}${below[0]}`;
}
