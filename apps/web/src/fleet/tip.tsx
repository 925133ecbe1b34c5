/** Where a sentence is shown: beneath a cell, or above it where what follows would be covered; in the window's pixels. */
export interface TipPlace {
  readonly text: string;
  readonly left: number;
  /** The edge that touches the cell: the distance from the window's top, or from its bottom. */
  readonly edge: { readonly top: number } | { readonly bottom: number };
}

const widest = 360;

/** What a tip of a few lines needs; only where it is put follows from it. */
const usualHeight = 76;

/** The place at an element, moved left where the window ends, and over it where the table does. */
export function placeTip(element: Element, text: string): TipPlace {
  const { left, top, bottom } = element.getBoundingClientRect();
  const table = element.closest("[role=grid]")?.getBoundingClientRect();
  const isLast = table !== undefined && bottom + usualHeight > table.bottom;
  return {
    text,
    left: Math.max(8, Math.min(left, window.innerWidth - widest - 8)),
    edge:
      isLast && top > usualHeight
        ? { bottom: window.innerHeight - top + 6 }
        : { top: bottom + 6 },
  };
}

/** A sentence for the eye; the cell's label says the same to a screen reader. */
export function Tip({ place }: { readonly place: TipPlace }) {
  return (
    <div
      className="tip"
      aria-hidden="true"
      style={{ left: place.left, ...place.edge, maxWidth: widest }}
    >
      {place.text}
    </div>
  );
}
