/** A place in the matrix: `row` counts all rows with their headings, `column` 0 is the cluster's own. */
export interface Cursor {
  readonly row: number;
  readonly column: number;
}

/** What the cursor moves over. */
export interface CursorField {
  readonly columns: number;
  /** For every row, whether the cursor may stand there: headings are stepped over. */
  readonly stops: readonly boolean[];
  /** How many rows PageUp and PageDown go. */
  readonly page: number;
}

/** Where a key leads, or undefined for a key that does not move. The cursor stays where there is nothing further. */
export function moveCursor(
  cursor: Cursor,
  key: string,
  field: CursorField,
): Cursor | undefined {
  const last = field.columns - 1;
  switch (key) {
    case "ArrowLeft":
      return { ...cursor, column: Math.max(0, cursor.column - 1) };
    case "ArrowRight":
      return { ...cursor, column: Math.min(last, cursor.column + 1) };
    case "Home":
      return { ...cursor, column: 0 };
    case "End":
      return { ...cursor, column: last };
    case "ArrowUp":
      return { ...cursor, row: stepRows(cursor.row, -1, field) };
    case "ArrowDown":
      return { ...cursor, row: stepRows(cursor.row, 1, field) };
    case "PageUp":
      return { ...cursor, row: stepRows(cursor.row, -field.page, field) };
    case "PageDown":
      return { ...cursor, row: stepRows(cursor.row, field.page, field) };
    default:
      return undefined;
  }
}

function stepRows(row: number, by: number, { stops }: CursorField): number {
  const direction = Math.sign(by);
  let at = row;
  for (
    let next = row + direction, left = Math.abs(by);
    left > 0 && next >= 0 && next < stops.length;
    next += direction
  ) {
    if (stops[next] !== true) continue;
    at = next;
    left -= 1;
  }
  return at;
}
