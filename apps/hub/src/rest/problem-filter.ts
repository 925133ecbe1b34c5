import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
} from "@nestjs/common";
import { type FastifyReply } from "fastify";
import { Refusal, type RefusalKind } from "../fleet/refusal.ts";
import { type HubLog } from "../log.ts";
import { HttpProblem, problemDetails } from "./hub-problem.ts";

/** Writes everything that is thrown while a route is served as problem+json; what nobody expected says nothing of the inside. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: HubLog;

  constructor(log: HubLog) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    sendProblem(reply, error, this.#log);
  }
}

/** Answers with a problem. */
export function sendProblem(
  reply: FastifyReply,
  error: unknown,
  log: HubLog,
): void {
  const { status, detail, advice, retryAfterMs } = readError(error);
  if (status >= 500) log.error("request failed", { error });
  if (retryAfterMs !== undefined) {
    void reply.header("retry-after", Math.ceil(retryAfterMs / 1_000));
  }
  void reply
    .status(status)
    .header("content-type", "application/problem+json; charset=utf-8")
    .send(JSON.stringify(problemDetails(status, detail, advice)));
}

interface ReadError {
  readonly status: number;
  readonly detail: string;
  readonly advice?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

const refusalStatus: Readonly<Record<RefusalKind, number>> = {
  notFound: 404,
  conflict: 409,
  invalid: 400,
};

function readError(error: unknown): ReadError {
  if (error instanceof Refusal) {
    const { kind, message, advice } = error;
    return { status: refusalStatus[kind], detail: message, advice };
  }
  if (error instanceof HttpProblem) {
    const { status, message, advice, retryAfterMs } = error;
    return { status, detail: message, advice, retryAfterMs };
  }
  if (error instanceof HttpException) {
    return { status: error.getStatus(), detail: textOf(error) };
  }
  if (isDiskFull(error)) {
    return {
      status: 507,
      detail: "the hub's disk is full: nothing of this was stored",
      advice: "Make room where the hub's data lies (hub --data), and try again",
    };
  }
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" && status >= 400 && status < 500
    ? { status, detail: error instanceof Error ? error.message : "" }
    : { status: 500, detail: "the hub failed; its log says why" };
}

const fullCodes = ["SQLITE_FULL", "ENOSPC", "EDQUOT"];

/** Looked for in all causes, of which at most ten are followed; a database adds its own words to its code. */
function isDiskFull(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < 10 && cause instanceof Error; depth += 1) {
    const { code, cause: next } = cause as Error & { readonly code?: unknown };
    if (typeof code === "string" && fullCodes.includes(code)) return true;
    cause = next;
  }
  return false;
}

function textOf(error: HttpException): string {
  const response = error.getResponse();
  const message = (response as { message?: unknown }).message;
  if (Array.isArray(message)) return message.join("; ");
  return typeof message === "string" ? message : error.message;
}
