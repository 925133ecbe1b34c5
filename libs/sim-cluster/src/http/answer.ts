import { type Change } from "../store.ts";
import { type Json, type JsonObject } from "../json.ts";
import { type StatusFailure } from "../status-failure.ts";

/** A response that is whole. */
export interface WholeAnswer {
  readonly kind: "whole";
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
  readonly warnings: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A response that goes on: events as they happen. */
export interface WatchAnswer {
  readonly kind: "watch";
  /** Storage key to listen to. */
  readonly resource: string;
  /** Lines that are known at the start. */
  readonly backlog: readonly string[];
  /** The line for a change, or undefined where it does not concern this watch. */
  readonly encode: (change: Change) => string | undefined;
  /** The line for a bookmark at a revision; undefined when none were asked for. */
  readonly bookmark: ((revision: number) => string) | undefined;
  /** The server ends the watch then. */
  readonly timeoutMs: number;
  /** The watch ends after the backlog: its start was too old. */
  readonly closed: boolean;
}

/** What the server answers. */
export type Answer = WholeAnswer | WatchAnswer;

/** A JSON answer. */
export function jsonAnswer(
  code: number,
  body: Json,
  warnings: readonly string[] = [],
  contentType = "application/json",
): WholeAnswer {
  return {
    kind: "whole",
    code,
    contentType,
    body: JSON.stringify(body),
    warnings,
  };
}

/** A plain text answer. */
export function textAnswer(code: number, body: string): WholeAnswer {
  return {
    kind: "whole",
    code,
    contentType: "text/plain; charset=utf-8",
    body,
    warnings: [],
  };
}

/** A refusal as its Status. */
export function failureAnswer(failure: StatusFailure): WholeAnswer {
  const seconds = failure.details?.retryAfterSeconds;
  return {
    ...jsonAnswer(failure.code, failure.toStatus()),
    ...(seconds === undefined
      ? {}
      : { headers: { "retry-after": String(seconds) } }),
  };
}

/** One line of a watch. */
export function eventLine(type: string, object: JsonObject): string {
  return `${JSON.stringify({ type, object })}\n`;
}
