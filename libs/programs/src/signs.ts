/** The part of a stream that tells what may be written to it. */
export interface SignStream {
  readonly isTTY?: boolean | undefined;
}

/** Signs that stand in front of a line or a verdict: one set for every program. */
export interface Signs {
  readonly done: string;
  readonly current: string;
  readonly waiting: string;
  readonly warning: string;
  readonly failed: string;
  readonly verdicts: {
    readonly Converged: string;
    readonly Progressing: string;
    readonly Degraded: string;
    readonly Drifted: string;
    readonly Held: string;
    readonly Stale: string;
    readonly Unreachable: string;
  };
}

const drawn: Signs = {
  done: "✓",
  current: "▸",
  waiting: "·",
  warning: "!",
  failed: "✕",
  verdicts: {
    Converged: "●",
    Progressing: "◐",
    Degraded: "▲",
    Drifted: "≠",
    Held: "■",
    Stale: "○",
    Unreachable: "✕",
  },
};

const ascii: Signs = {
  done: "+",
  current: ">",
  waiting: ".",
  warning: "!",
  failed: "x",
  verdicts: {
    Converged: "+",
    Progressing: "~",
    Degraded: "!",
    Drifted: "#",
    Held: "=",
    Stale: "o",
    Unreachable: "x",
  },
};

/** Whether a stream gets neither colours nor signs beyond ASCII: with `NO_COLOR`, with `TERM=dumb`, or where it is no terminal. */
export function isPlain(
  stream: SignStream,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return (
    stream.isTTY !== true ||
    (env["NO_COLOR"] ?? "") !== "" ||
    env["TERM"] === "dumb"
  );
}

/** The signs for a stream. */
export function signsFor(
  stream: SignStream,
  env: Readonly<Record<string, string | undefined>>,
): Signs {
  return isPlain(stream, env) ? ascii : drawn;
}
