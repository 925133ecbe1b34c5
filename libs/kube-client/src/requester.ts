import { KubeError } from "@wheelhouse/kube-apply";
import { type Json, errorText, parseJson } from "@wheelhouse/kube-object";
import { type Clock } from "@wheelhouse/clock";
import { sleep } from "@wheelhouse/kube-apply";
import { type CredentialSource, type Credentials } from "./credentials.ts";
import { type RequestSubject, kubeErrorOf } from "./kube-error-of.ts";
import { type RequestGate } from "./request-gate.ts";
import {
  type HttpRequest,
  type HttpResponse,
  type Transport,
  TransportError,
} from "./transport.ts";

/** A request and what it is about. */
export interface KubeRequest {
  readonly method: HttpRequest["method"];
  readonly path: string;
  readonly subject: RequestSubject;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
  /** `namespace/name` of a service account to act as. */
  readonly impersonate?: string;
  readonly signal?: AbortSignal;
}

/** What a requester is made of. */
export interface RequesterParts {
  readonly credentials: CredentialSource;
  readonly transport: Transport;
  readonly gate: RequestGate;
  readonly clock: Clock;
  /** From 0 to 1, exclusive. */
  readonly random: () => number;
  readonly userAgent: string;
}

/** A throttled request is sent at most this often; a DELETE once. */
const maxAttempts = 4;

/** A server that wants a longer pause than this gets no retry here: the caller waits. */
const longestPauseMs = 10_000;

/** The pause after a 429 that names none. */
const firstPauseMs = 500;

/**
 * Sends requests: within the gate, with fresh credentials after one 401, and
 * again where the server throttled (429, or 503 with Retry-After) or cannot
 * have seen the request. A DELETE is never sent twice.
 */
export class Requester {
  readonly #parts: RequesterParts;

  constructor(parts: RequesterParts) {
    this.#parts = parts;
  }

  /** The answer's JSON. Throws `KubeError`, or the signal's reason. */
  async json(request: KubeRequest): Promise<Json> {
    const { body } = await this.send(request);
    try {
      return parseJson(body);
    } catch (error) {
      throw new KubeError(
        "server",
        `${request.subject.text}: the answer is not JSON`,
        { cause: error },
      );
    }
  }

  /** The answer, below 400. Throws `KubeError`, or the signal's reason. */
  async send(request: KubeRequest): Promise<HttpResponse> {
    const most = request.method === "DELETE" ? 1 : maxAttempts;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(request);
      if (outcome.ok) return outcome.response;
      const pauseMs = this.#pauseAfter(outcome.error, request, attempt);
      if (attempt >= most || pauseMs === undefined) throw outcome.error;
      await sleep(this.#parts.clock, pauseMs, request.signal);
      request.signal?.throwIfAborted();
    }
  }

  async #attempt(
    request: KubeRequest,
  ): Promise<
    | { readonly ok: true; readonly response: HttpResponse }
    | { readonly ok: false; readonly error: KubeError }
  > {
    const { gate } = this.#parts;
    const kind = request.method === "GET" ? "read" : "write";
    try {
      const response = await gate.run(kind, request.signal, () =>
        this.#authorized(request),
      );
      if (response.status < 400) {
        gate.widen();
        return { ok: true, response };
      }
      const error = kubeErrorOf(response, request.subject);
      if (isThrottling(error)) gate.narrow(error.retryAfterMs ?? firstPauseMs);
      return { ok: false, error };
    } catch (error) {
      request.signal?.throwIfAborted();
      return { ok: false, error: unreachable(error, request.subject) };
    }
  }

  async #authorized(request: KubeRequest): Promise<HttpResponse> {
    const { credentials, transport } = this.#parts;
    const held = await credentials.current();
    const response = await transport.send(held, this.httpRequest(request));
    if (response.status !== 401) return response;
    const renewed = await credentials.renew(held);
    return transport.send(renewed, this.httpRequest(request));
  }

  /** The credentials of now, for a watch. */
  credentials(): Promise<Credentials> {
    return this.#parts.credentials.current();
  }

  /** New credentials after these were refused, for a watch. */
  async renew(refused: Credentials): Promise<void> {
    await this.#parts.credentials.renew(refused);
  }

  /** The request as it goes over the wire. The only place where another identity is taken on. */
  httpRequest(request: KubeRequest): HttpRequest {
    const { body, impersonate, signal } = request;
    return {
      method: request.method,
      path: request.path,
      headers: {
        Accept: request.accept ?? "application/json",
        "User-Agent": this.#parts.userAgent,
        ...(body === undefined
          ? {}
          : {
              "Content-Type": request.contentType ?? "application/json",
              "Content-Length": String(Buffer.byteLength(body)),
            }),
        ...(impersonate === undefined
          ? {}
          : { "Impersonate-User": serviceAccountUser(impersonate) }),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    };
  }

  #pauseAfter(
    error: KubeError,
    request: KubeRequest,
    attempt: number,
  ): number | undefined {
    if (isThrottling(error)) {
      const pauseMs = error.retryAfterMs ?? firstPauseMs * 2 ** (attempt - 1);
      return pauseMs <= longestPauseMs
        ? pauseMs * (1 + this.#parts.random() / 4)
        : undefined;
    }
    // A server that is not there is the caller's to wait for: the one more try
    // is for a kept connection that had gone.
    return attempt === 1 && isHarmlessToRepeat(error, request) ? 0 : undefined;
  }
}

/** A create that did arrive would find its own object when repeated; what else we write is the same when done twice. */
function isHarmlessToRepeat(error: KubeError, request: KubeRequest): boolean {
  if (!(error.cause instanceof TransportError)) return false;
  const { fate } = error.cause;
  return fate === "unsent" || (fate === "stale" && request.method !== "POST");
}

function isThrottling(error: KubeError): boolean {
  return (
    error.reason === "throttled" ||
    (error.code === 503 && error.retryAfterMs !== undefined)
  );
}

/** `namespace/name` → the user name of a service account. Throws `invalid` on anything else. */
function serviceAccountUser(account: string): string {
  const match = /^([a-z0-9.-]+)\/([a-z0-9.-]+)$/.exec(account);
  if (match === null) {
    throw new KubeError("invalid", `${account}: no service account's name`);
  }
  return `system:serviceaccount:${match[1]}:${match[2]}`;
}

/** The error of a request that got no answer. */
export function unreachable(
  error: unknown,
  subject: RequestSubject,
): KubeError {
  if (error instanceof KubeError) {
    return new KubeError(error.reason, `${subject.text}: ${error.message}`, {
      cause: error,
    });
  }
  const text = errorText(error);
  return new KubeError("unreachable", `${subject.text}: ${text}`, {
    cause: error,
  });
}
