import { type VerdictName } from "@wheelhouse/rest-api";
import { type ReactElement } from "react";

/** Drawn, not typed: glyphs differ in size and place from font to font. */
const shapes: Record<VerdictName, ReactElement> = {
  Converged: <circle cx="8" cy="8" r="5" fill="currentColor" stroke="none" />,
  Progressing: (
    <>
      <circle cx="8" cy="8" r="5" />
      <path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor" stroke="none" />
    </>
  ),
  Degraded: <path d="M8 2.5 14 13H2z" fill="currentColor" stroke="none" />,
  Drifted: <path d="M3 6h10M3 10.4h10M10.3 3 5.7 13.4" />,
  Held: (
    <rect
      x="3.5"
      y="3.5"
      width="9"
      height="9"
      rx="1"
      fill="currentColor"
      stroke="none"
    />
  ),
  Stale: <circle cx="8" cy="8" r="4.6" />,
  Unreachable: <path d="m3.8 3.8 8.4 8.4M12.2 3.8l-8.4 8.4" />,
};

/** A verdict's sign in the verdict's colour; the word stands beside it or in the label of what it is in. */
export function Sign({ verdict }: { readonly verdict: VerdictName }) {
  return (
    <svg
      className={`sign is-${verdict.toLowerCase()}`}
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
    >
      {shapes[verdict]}
    </svg>
  );
}

/** Sign and word. */
export function Verdict({ verdict }: { readonly verdict: VerdictName }) {
  return (
    <span className={`verdict is-${verdict.toLowerCase()}`}>
      <Sign verdict={verdict} />
      {verdict}
    </span>
  );
}
