import { type ProblemDetails } from "@wheelhouse/rest-api";

/** A refusal with a status, thrown by what serves a route and written as problem+json. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly advice: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    detail: string,
    options: { readonly advice?: string; readonly retryAfterMs?: number } = {},
  ) {
    super(detail);
    this.status = status;
    this.advice = options.advice;
    this.retryAfterMs = options.retryAfterMs;
  }

  static notFound(what: string, advice?: string): HttpProblem {
    return new HttpProblem(
      404,
      `${what} does not exist`,
      advice === undefined ? {} : { advice },
    );
  }

  static conflict(detail: string, advice?: string): HttpProblem {
    return new HttpProblem(409, detail, advice === undefined ? {} : { advice });
  }
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "No principal",
  403: "Not permitted",
  404: "Not found",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported media type",
  429: "Too many requests",
  500: "The hub failed",
  503: "Not ready",
  507: "Disk full",
};

/** The document of a problem, RFC 9457. */
export function problemDetails(
  status: number,
  detail: string,
  advice?: string,
): ProblemDetails {
  return {
    type: "about:blank",
    title: titles[status] ?? "Refused",
    status,
    detail,
    ...(advice === undefined ? {} : { advice }),
  };
}
