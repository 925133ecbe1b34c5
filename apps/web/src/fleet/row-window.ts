/** Which of many rows are drawn, and how much room the others take. */
export interface RowWindow {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
  readonly before: number;
  readonly after: number;
}

/** Rows drawn beyond what is seen, so that a scroll finds them there. */
const overscan = 8;

/** The rows in view of a list whose rows are all `rowHeight` pixels high. */
export function computeRowWindow(options: {
  readonly rows: number;
  readonly rowHeight: number;
  readonly scrollTop: number;
  readonly height: number;
}): RowWindow {
  const { rows, rowHeight, scrollTop, height } = options;
  const top = Math.max(0, Math.floor(scrollTop / rowHeight) - overscan);
  const first = Math.min(top, Math.max(0, rows - 1));
  const bottom = Math.ceil((scrollTop + height) / rowHeight) + overscan;
  const end = Math.min(rows, Math.max(bottom, first));
  return {
    first,
    end,
    before: first * rowHeight,
    after: (rows - end) * rowHeight,
  };
}

/** Where to scroll so that a row is wholly in view below a head of `headHeight`; unchanged where it already is. */
export function scrollToShow(options: {
  readonly row: number;
  readonly rowHeight: number;
  readonly scrollTop: number;
  readonly height: number;
  readonly headHeight: number;
}): number {
  const { row, rowHeight, scrollTop, height, headHeight } = options;
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  const lowest = top + rowHeight + headHeight - height;
  return lowest > scrollTop ? lowest : scrollTop;
}
