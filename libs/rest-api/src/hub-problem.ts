import { type ProblemDetails } from "./views.ts";

/**
 * Why the hub did not do what was asked: it could not be reached, or it said
 * no. `status` is the HTTP status, or 0 where no answer came.
 */
export class HubProblem extends Error {
  readonly status: number;
  /** What the reader can do about it, or empty. */
  readonly advice: string;

  constructor(
    status: number,
    message: string,
    advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "HubProblem";
    this.status = status;
    this.advice = advice;
  }

  /** The problem in an answer's body; a body in another form gives its status only. A hub does not know its own address: where its advice says SERVER, the one that was asked is put in. */
  static fromAnswer(
    status: number,
    body: string,
    server = "SERVER",
  ): HubProblem {
    const details = parseDetails(body);
    const message = details?.detail ?? details?.title ?? `HTTP ${status}`;
    const advice = details?.advice ?? "";
    return new HubProblem(
      status,
      message,
      advice.replace(/\bSERVER\b/, () => server),
    );
  }

  /** The problem behind a request that got no answer. */
  static unreachable(server: string, cause: unknown): HubProblem {
    const why = rootCause(cause);
    return new HubProblem(
      0,
      `hub at ${server} cannot be reached: ${why}`,
      "Is it running (wheelhouse hub), and is the address right (--server, or wheelhouse login)?",
      { cause },
    );
  }
}

function parseDetails(body: string): Partial<ProblemDetails> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The innermost reason: fetch hides it behind "fetch failed". */
function rootCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return rootCause(error.cause);
  const code = "code" in error ? String(error.code) : "";
  return error.message === "" ? code : error.message;
}
