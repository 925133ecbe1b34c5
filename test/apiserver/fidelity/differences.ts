import { type Step } from "./recorder.ts";

/** One place where the two servers did not say the same. */
export interface Difference {
  readonly sequence: string;
  /** Step and path within its result: `PATCH merge …: body.metadata.labels`. */
  readonly at: string;
  readonly simulated: unknown;
  readonly real: unknown;
}

/** Compares two runs of a sequence step by step, field by field. */
export function findDifferences(
  sequence: string,
  simulated: readonly Step[],
  real: readonly Step[],
): Difference[] {
  const length = Math.max(simulated.length, real.length);
  return Array.from({ length }, (_each, index) => index).flatMap((index) => {
    const call = real[index]?.call ?? simulated[index]?.call ?? "";
    return compare(
      simulated[index]?.result,
      real[index]?.result,
      `${index + 1} ${call}:`,
    ).map((each) => ({ sequence, ...each }));
  });
}

type Found = Omit<Difference, "sequence">;

function compare(a: unknown, b: unknown, at: string): Found[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const keyed = (value: unknown): Record<string, unknown> | undefined =>
    typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  const left = keyed(a);
  const right = keyed(b);
  if (
    left === undefined ||
    right === undefined ||
    Array.isArray(a) !== Array.isArray(b)
  )
    return [{ at, simulated: a, real: b }];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].flatMap((key) =>
    compare(left[key], right[key], `${at} ${key}`),
  );
}
