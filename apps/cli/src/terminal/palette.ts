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

/** Signs that stand in front of a line. */
export interface Signs {
  readonly done: string;
  readonly current: string;
  readonly waiting: string;
  readonly failed: string;
}

const codes: Record<Color, string> = {
  good: "32",
  busy: "36",
  bad: "31",
  odd: "33",
  held: "35",
  faint: "2",
  bold: "1",
};

const verdictLooks: Record<VerdictName, readonly [Color, string, string]> = {
  Converged: ["good", "●", "+"],
  Progressing: ["busy", "◐", "~"],
  Degraded: ["bad", "▲", "!"],
  Drifted: ["odd", "≠", "#"],
  Held: ["held", "■", "="],
  Stale: ["faint", "○", "o"],
  Unreachable: ["bad", "✕", "x"],
};

/** The part of a stream that tells what may be written to it. */
export interface PaletteStream {
  readonly isTTY?: boolean | undefined;
}

/** Colour and signs on a terminal; ASCII with `NO_COLOR`, `TERM=dumb`, or when piped. */
export function createPalette(
  stream: PaletteStream,
  env: Readonly<Record<string, string | undefined>>,
): Palette {
  const isPlain =
    stream.isTTY !== true ||
    (env["NO_COLOR"] ?? "") !== "" ||
    env["TERM"] === "dumb";
  const paint = (color: Color, text: string) =>
    isPlain ? text : `\u001b[${codes[color]}m${text}\u001b[0m`;
  return {
    paint,
    verdict: (verdict) => {
      const [color, sign, ascii] = verdictLooks[verdict];
      return paint(color, `${isPlain ? ascii : sign} ${verdict}`);
    },
    signs: isPlain
      ? { done: "+", current: ">", waiting: ".", failed: "x" }
      : { done: "✓", current: "▸", waiting: "·", failed: "✕" },
  };
}
