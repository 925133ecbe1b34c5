import {
  type SignStream,
  type Signs,
  isPlain,
  signsFor,
} from "@wheelhouse/programs";
import { type VerdictName } from "@wheelhouse/rest-api";

/** How a text may look on the stream that it goes to. */
export interface Palette {
  /** Colours on a terminal; the text itself elsewhere. */
  paint(color: Color, text: string): string;
  /** The verdict with its sign and colour: never a colour alone. */
  verdict(verdict: VerdictName): string;
  readonly signs: Signs;
}

/** Colours by what they mean. */
export type Color = "good" | "busy" | "bad" | "odd" | "held" | "faint" | "bold";

const codes: Record<Color, string> = {
  good: "32",
  busy: "36",
  bad: "31",
  odd: "33",
  held: "35",
  faint: "2",
  bold: "1",
};

const verdictColors: Record<VerdictName, Color> = {
  Converged: "good",
  Progressing: "busy",
  Degraded: "bad",
  Drifted: "odd",
  Held: "held",
  Stale: "faint",
  Unreachable: "bad",
};

/** Colour and signs on a terminal; ASCII with `NO_COLOR`, `TERM=dumb`, or when piped. */
export function createPalette(
  stream: SignStream,
  env: Readonly<Record<string, string | undefined>>,
): Palette {
  const hasColors = !isPlain(stream, env);
  const signs = signsFor(stream, env);
  const paint = (color: Color, text: string) =>
    hasColors ? `\u001b[${codes[color]}m${text}\u001b[0m` : text;
  return {
    paint,
    verdict: (verdict) =>
      paint(verdictColors[verdict], `${signs.verdicts[verdict]} ${verdict}`),
    signs,
  };
}
