import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, type Socket } from "node:net";
import { type AuditLog } from "../audit.ts";
import { type ClusterState } from "../cluster-state.ts";
import { type Fault, type FaultList } from "../faults.ts";
import { StatusFailure } from "../status-failure.ts";
import { type Answer, failureAnswer, type WholeAnswer } from "./answer.ts";
import {
  type ApiRequest,
  parseResourcePath,
  type ResourcePath,
} from "./api-request.ts";
import { answerRequest } from "./api-server.ts";
import { type ServerIdentity } from "./certificate.ts";
import { callerOf, type Tokens } from "./identity.ts";
import { verbOf } from "./object-handler.ts";
import { type WatchList } from "./watch-list.ts";

/** Larger bodies are refused with 413, as on the real server. */
const maxBodyBytes = 3 * 1024 * 1024;

/** What the server stands on. */
export interface HttpServerOptions {
  readonly state: ClusterState;
  readonly audit: AuditLog;
  readonly auditBodies: boolean;
  readonly faults: FaultList;
  readonly watches: WatchList;
  readonly tokens: Tokens;
  /** Undefined for plain http. */
  readonly identity: ServerIdentity | undefined;
}

/** The listening side of a simulated cluster; it can go away and come back on its port. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  /** The port, once listening. */
  get port(): number {
    return this.#port;
  }

  /** Listens on loopback; port 0 takes a free one, and later calls the same again. */
  async listen(port: number): Promise<void> {
    const { identity } = this.#options;
    const handle = (message: IncomingMessage, response: ServerResponse) => {
      void this.#serve(message, response);
    };
    const server =
      identity === undefined
        ? createServer(handle)
        : createTlsServer(
            {
              key: identity.key,
              cert: identity.cert,
              ca: identity.caCert,
              requestCert: true,
              rejectUnauthorized: false,
            },
            handle,
          );
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port || port, "127.0.0.1", resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Cuts every connection and stops listening. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    this.#options.watches.endAll();
    const closed = new Promise<void>((resolve) =>
      server.close(() => resolve()),
    );
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      const body = await readBody(message);
      this.#answer(message, response, body);
    } catch (cause) {
      const failure =
        cause instanceof StatusFailure
          ? cause
          : new StatusFailure(
              500,
              "InternalError",
              `Internal error occurred: ${String(cause)}`,
            );
      if (response.headersSent) response.destroy();
      else writeWhole(response, failureAnswer(failure));
    }
  }

  #answer(
    message: IncomingMessage,
    response: ServerResponse,
    body: string,
  ): void {
    const { state, tokens, faults } = this.#options;
    const url = new URL(message.url ?? "/", "http://localhost");
    const caller = callerOf(message, tokens);
    const request: ApiRequest = {
      method: message.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      body,
      user: caller?.user ?? "system:anonymous",
      impersonator: caller?.impersonator,
    };
    const path = parseResourcePath(url.pathname);
    const verb =
      path === undefined ? request.method.toLowerCase() : verbOf(request, path);
    const fault = faults.strike({
      verb,
      resource: path?.plural ?? "",
      namespace: path?.namespace ?? "",
      user: request.user,
    });
    if (fault !== undefined && fault.kind !== "status") {
      if (fault.kind === "refuse") response.destroy();
      return;
    }
    const answer =
      fault !== undefined
        ? failureAnswer(faultStatus(fault))
        : caller === undefined && !isPublic(url.pathname)
          ? failureAnswer(
              new StatusFailure(401, "Unauthorized", "Unauthorized"),
            )
          : answerRequest(state, request);
    this.#audit(request, path, verb, answer);
    if (answer.kind === "whole") writeWhole(response, answer);
    else this.#options.watches.start(answer, response);
  }

  #audit(
    request: ApiRequest,
    path: ResourcePath | undefined,
    verb: string,
    answer: Answer,
  ): void {
    this.#options.audit.add({
      at: this.#options.state.clock.nowMs(),
      user: request.user,
      impersonator: request.impersonator,
      userAgent: request.headers["user-agent"] ?? "",
      verb,
      group: path?.group ?? "",
      resource: path?.plural ?? "",
      subresource: path?.subresource ?? "",
      namespace: path?.namespace ?? "",
      name: path?.name ?? "",
      code: answer.kind === "whole" ? answer.code : 200,
      dryRun: request.query.has("dryRun"),
      path: request.path,
      query: request.query.toString(),
      ...(this.#options.auditBodies &&
      request.method !== "GET" &&
      answer.kind === "whole"
        ? { bodies: { sent: request.body, answered: answer.body } }
        : {}),
    });
  }
}

/** Open to everybody, as on the real server. */
const isPublic = (path: string) =>
  ["/version", "/healthz", "/livez", "/readyz"].includes(path);

function faultStatus(fault: Fault): StatusFailure {
  const code = fault.code ?? 500;
  if (code === 429)
    return new StatusFailure(
      429,
      "TooManyRequests",
      "the server has received too many requests and has asked us to try again later",
      { retryAfterSeconds: 1 },
    );
  const reason =
    code === 503
      ? "ServiceUnavailable"
      : code === 403
        ? "Forbidden"
        : "InternalError";
  return new StatusFailure(code, reason, `simulated fault: ${code}`);
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes)
      throw new StatusFailure(
        413,
        "RequestEntityTooLarge",
        `Request entity is too large: limit is ${maxBodyBytes}`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function writeWhole(response: ServerResponse, answer: WholeAnswer): void {
  const warnings = answer.warnings.map(
    (text) => `299 - ${JSON.stringify(text)}`,
  );
  if (warnings.length > 0) response.setHeader("warning", warnings);
  response.writeHead(answer.code, {
    "content-type": answer.contentType,
    "content-length": Buffer.byteLength(answer.body),
    "cache-control": "no-cache, private",
    ...answer.headers,
  });
  response.end(answer.body);
}
