const form = /^(\d+(\.\d+)?(ms|s|m|h))+$/;
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Parses a duration as Flux writes it, such as `1h30m` or `500ms`, to milliseconds; undefined where it is none, or longer than 100 years. */
export function parseDurationMs(text: string): number | undefined {
  if (!form.test(text)) return undefined;
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  }
  return total <= 100 * 365 * 24 * 3_600_000 ? Math.round(total) : undefined;
}
