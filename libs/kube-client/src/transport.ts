import { KubeError } from "@wheelhouse/kube-apply";
import { errorText } from "@wheelhouse/kube-object";
import {
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from "node:http";
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
    super(errorText(cause), { cause });
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

  /**
   * Sends, and reads the whole answer. Throws `TransportError`, a `KubeError`
   * (timeout, tooLarge), or the signal's reason. Time limit and signal are
   * minded by hand: thousands of requests go this way, and Node's own signals
   * and iterators cost as much as the rest of a request.
   */
  send(credentials: Credentials, request: HttpRequest): Promise<HttpResponse> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const outgoing = this.#outgoing(credentials, request, "request");
      const close = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const fail = (error: unknown): void => {
        close();
        reject(error as Error);
        outgoing.destroy();
      };
      // Whoever ends it says why: the caller's reason, or that time was up.
      const onAbort = (): void => fail(signal?.reason);
      const timer = setTimeout(
        () => fail(new KubeError("timeout", "no answer in time")),
        this.#timeoutMs,
      );
      signal?.addEventListener("abort", onAbort, { once: true });
      outgoing.on("error", (error) => fail(sendError(error, outgoing)));
      outgoing.on("response", (response) => {
        readWhole(response).then((body) => {
          close();
          const retryAfter = response.headers["retry-after"];
          resolve({ status: response.statusCode ?? 0, retryAfter, body });
        }, fail);
      });
      outgoing.end(request.body);
    });
  }

  /** Sends, and gives the answer as it comes; its headers must come in time. The caller ends it by its signal. */
  async stream(
    credentials: Credentials,
    request: HttpRequest & { readonly signal: AbortSignal },
  ): Promise<IncomingMessage> {
    const deadline = startDeadline(this.#timeoutMs, request.signal);
    try {
      const { signal } = deadline;
      const response = await this.#open(credentials, { ...request, signal });
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
    request: HttpRequest & { readonly signal: AbortSignal },
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#outgoing(credentials, request, "watch");
      outgoing.on("response", resolve);
      outgoing.on("error", (error) => reject(sendError(error, outgoing)));
      outgoing.end(request.body);
    });
  }

  #outgoing(
    credentials: Credentials,
    request: HttpRequest,
    use: "request" | "watch",
  ): ClientRequest {
    const { server } = credentials;
    const { method, path, headers, signal } = request;
    const send = server.protocol === "http:" ? httpRequest : httpsRequest;
    return send({
      method,
      agent: this.#connections.agentFor(credentials, use),
      host: server.hostname.replace(/^\[|\]$/g, ""),
      port: server.port || (server.protocol === "http:" ? 80 : 443),
      path: `${server.pathname.replace(/\/$/, "")}${path}`,
      headers: { ...credentials.headers, ...headers },
      ...(use === "watch" && signal !== undefined ? { signal } : {}),
    });
  }
}

function sendError(
  error: NodeJS.ErrnoException,
  outgoing: ClientRequest,
): TransportError {
  return new TransportError(error, fateOf(error, outgoing.reusedSocket));
}

function fateOf(error: NodeJS.ErrnoException, wasKept: boolean): RequestFate {
  const code = error.code ?? "";
  if (neverSent.has(code)) return "unsent";
  const wasCut = code === "ECONNRESET" || code === "EPIPE";
  return wasKept && wasCut ? "stale" : "unknown";
}

/** The whole body as text. Rejects with `tooLarge` past the bound, and lets the connection go. */
function readWhole(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const cut = (cause: unknown) =>
      reject(new TransportError(cause, "unknown"));
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxResponseBytes) return void chunks.push(chunk);
      reject(new KubeError("tooLarge", `answer of over ${maxResponseBytes} B`));
      response.destroy();
    });
    response.on("error", cut);
    response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    response.on("close", () => {
      if (!response.complete) cut(new Error("the answer was cut short"));
    });
  });
}
