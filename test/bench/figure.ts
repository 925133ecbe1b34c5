/** One measured figure. */
export interface Figure {
  readonly bench: string;
  readonly name: string;
  readonly value: number;
  /** `s`, `ms`, `MB`, `KB`, `x` (a ratio), `%`, `count`, `per object`. */
  readonly unit: string;
  /** What an issue or a promise asks: at most this. */
  readonly atMost?: number;
}

/** Whether a figure meets its goal; one without a goal always does, and one that could not be measured (NaN) never. */
function isMet({ value, atMost }: Figure): boolean {
  return atMost === undefined || value <= atMost;
}

/** What a bench ends with: a line for each goal that is missed, and 1 for whoever asks whether there is one. */
export function judgeFigures(figures: readonly Figure[]): {
  readonly text: string;
  readonly exitCode: 0 | 1;
} {
  const missed = figures.filter((figure) => !isMet(figure));
  if (missed.length === 0)
    return { text: "✓ every goal is met\n", exitCode: 0 };
  const lines = missed.map(
    ({ bench, name }) => `✕ missed: ${bench}: ${name}\n`,
  );
  return { text: lines.join(""), exitCode: 1 };
}

/** A figure's value as people read it. */
function formatValue(value: number, unit: string): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return unit === "count" ? String(value) : `${value.toFixed(digits)} ${unit}`;
}

/** Figures as a table: bench, figure, value, goal. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = [
    ["BENCH", "FIGURE", "VALUE", "GOAL"],
    ...figures.map((figure) => [
      figure.bench,
      figure.name,
      formatValue(figure.value, figure.unit),
      figure.atMost === undefined
        ? ""
        : `${isMet(figure) ? "met" : "MISSED"}: at most ${formatValue(figure.atMost, figure.unit)}`,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
