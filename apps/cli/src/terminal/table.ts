/** A colour or style on a terminal. */
const escapeSequence = /\u001b\[[0-9;]*m/g;

/** How wide a text is on a terminal, its colours apart. */
function widthOf(text: string): number {
  return [...text.replace(escapeSequence, "")].length;
}

/** What comes from clusters and repositories must not steer the terminal: control characters become spaces. */
export function scrubText(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, " ");
}

/** A table as kubectl prints it: capitals, two spaces, left-aligned, no frames, one line a row. */
export function formatTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly noHeaders?: boolean } = {},
): string {
  const lines = options.noHeaders === true ? rows : [headers, ...rows];
  const widths = headers.map((_, column) =>
    Math.max(0, ...lines.map((line) => widthOf(line[column] ?? ""))),
  );
  return lines.map((line) => formatLine(line, widths)).join("");
}

function formatLine(
  line: readonly string[],
  widths: readonly number[],
): string {
  const cells = widths.map((width, column) => {
    const cell = line[column] ?? "";
    return cell + " ".repeat(width - widthOf(cell));
  });
  return `${cells.join("  ").trimEnd()}\n`;
}
