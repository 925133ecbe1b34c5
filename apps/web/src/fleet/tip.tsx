/** Where a sentence is shown: beneath a cell, in the window's pixels. */
export interface TipPlace {
  readonly text: string;
  readonly left: number;
  readonly top: number;
}

const widest = 360;

/** The place beneath an element, moved left where the window ends. */
export function placeTip(element: Element, text: string): TipPlace {
  const { left, bottom } = element.getBoundingClientRect();
  return {
    text,
    left: Math.max(8, Math.min(left, window.innerWidth - widest - 8)),
    top: bottom + 6,
  };
}

/** A sentence for the eye; the cell's label says the same to a screen reader. */
export function Tip({ place }: { readonly place: TipPlace }) {
  return (
    <div
      className="tip"
      aria-hidden="true"
      style={{ left: place.left, top: place.top, maxWidth: widest }}
    >
      {place.text}
    </div>
  );
}
