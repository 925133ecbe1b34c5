import { KubeError } from "@wheelhouse/kube-apply";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { type Connections } from "./connections.ts";
import { type Credentials } from "./credentials.ts";
import { startDeadline } from "./deadline.ts";

/** One HTTP request. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With the query, and below the server's own path. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** What came back, whole. */
export interface HttpResponse {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/**
 * What may have become of a request whose answer never came: `unsent`, there
 * was no connection; `stale`, it went into a kept connection that the server
 * had most likely closed already; `unknown`, the server may have acted on it.
 */
export type RequestFate = "unsent" | "stale" | "unknown";

/** The way to a server failed. */
export class TransportError extends Error {
  readonly fate: RequestFate;

  constructor(cause: unknown, fate: RequestFate) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "TransportError";
    this.fate = fate;
  }
}

/** A response that is larger than this is refused, in bytes. */
export const maxResponseBytes = 64 * 1024 * 1024;

/** A request is given up after this long, in milliseconds. */
export const requestTimeoutMs = 30_000;

const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** Sends requests of one client over its connections. */
export class Transport {
  readonly #connections: Connections;
  readonly #timeoutMs: number;

  constructor(connections: Connections, timeoutMs = requestTimeoutMs) {
    this.#connections = connections;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends, and reads the whole answer. Throws `TransportError`, a `KubeError` (timeout, tooLarge), or the signal's reason. */
  async send(
    credentials: Credentials,
    request: HttpRequest,
  ): Promise<HttpResponse> {
    const deadline = startDeadline(this.#timeoutMs, request.signal);
    try {
      const response = await this.#open(credentials, request, {
        use: "request",
        signal: deadline.signal,
      });
      return {
        status: response.statusCode ?? 0,
        retryAfter: response.headers["retry-after"],
        body: await readWhole(response),
      };
    } catch (error) {
      // Whoever aborted says why: the caller's reason, or that time was up.
      deadline.signal.throwIfAborted();
      throw error;
    } finally {
      deadline.close();
    }
  }

  /** Sends, and gives the answer as it comes; its headers must come in time. The caller ends it by its signal. */
  async stream(
    credentials: Credentials,
    request: HttpRequest & { readonly signal: AbortSignal },
  ): Promise<IncomingMessage> {
    const deadline = startDeadline(this.#timeoutMs, request.signal);
    try {
      const response = await this.#open(credentials, request, {
        use: "watch",
        signal: deadline.signal,
      });
      deadline.release();
      response.once("close", deadline.close);
      return response;
    } catch (error) {
      deadline.close();
      deadline.signal.throwIfAborted();
      throw error;
    }
  }

  #open(
    credentials: Credentials,
    request: HttpRequest,
    how: { readonly use: "request" | "watch"; readonly signal: AbortSignal },
  ): Promise<IncomingMessage> {
    const { server } = credentials;
    const send = server.protocol === "http:" ? httpRequest : httpsRequest;
    const prefix = server.pathname.replace(/\/$/, "");
    return new Promise((resolve, reject) => {
      const outgoing = send(
        {
          agent: this.#connections.agentFor(credentials, how.use),
          host: server.hostname.replace(/^\[|\]$/g, ""),
          port: server.port || (server.protocol === "http:" ? 80 : 443),
          method: request.method,
          path: `${prefix}${request.path}`,
          headers: { ...credentials.headers, ...request.headers },
          signal: how.signal,
        },
        resolve,
      );
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        reject(new TransportError(error, fateOf(error, outgoing.reusedSocket)));
      });
      outgoing.end(request.body);
    });
  }
}

function fateOf(error: NodeJS.ErrnoException, wasKept: boolean): RequestFate {
  const code = error.code ?? "";
  if (neverSent.has(code)) return "unsent";
  const wasCut = code === "ECONNRESET" || code === "EPIPE";
  return wasKept && wasCut ? "stale" : "unknown";
}

/** The whole body as text. Throws `tooLarge` past the bound, and lets the connection go. */
async function readWhole(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      const part = chunk as Buffer;
      bytes += part.length;
      if (bytes > maxResponseBytes) {
        throw new KubeError("tooLarge", `answer of over ${maxResponseBytes} B`);
      }
      chunks.push(part);
    }
  } catch (error) {
    if (error instanceof KubeError) throw error;
    throw new TransportError(error, "unknown");
  }
  return Buffer.concat(chunks).toString("utf8");
}
