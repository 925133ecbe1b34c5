import {
  type IncomingMessage,
  type ServerResponse,
  createServer,
} from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { type AddressInfo, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { type ApiCall, parseApiCall } from "./api-call.ts";
import { type ServerAnswer, emptied, failure } from "./api-fault-answers.ts";

/** What goes wrong with one request. */
export type ApiFault =
  /** It does not reach the server, and is answered so. */
  | {
      readonly kind: "status";
      readonly code: number;
      /** Sent as the header `Retry-After`, in seconds. */
      readonly retryAfterSeconds?: number;
      /** For 409: a conflict with this field manager, and not with another version. */
      readonly conflictWith?: {
        readonly manager: string;
        readonly field: string;
      };
    }
  /** It does not reach the server, and is never answered; the connection stays. */
  | { readonly kind: "silence" }
  /** The server acts on it; half of the answer comes, and the connection ends. */
  | { readonly kind: "truncate" }
  /** The server acts on it; the connection ends without an answer. */
  | { readonly kind: "dropAfterCommit" }
  /** A list, answered well, of nothing. */
  | { readonly kind: "emptyList" }
  /** A list, answered as it was the first time that it was asked for. */
  | { readonly kind: "staleList" }
  /** A watch that opens and says nothing, without an end. */
  | { readonly kind: "deadWatch" }
  /** A watch whose first event is a 410. */
  | { readonly kind: "goneWatch" }
  /** It reaches the server this much later, in milliseconds. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Whoever asks is killed, just before the server has the request or just after it acted on it: neither that nor anything later is answered, and nothing later reaches the server. */
  | { readonly kind: "death"; readonly when: "before" | "after" };

/** A fault, and which requests it strikes. */
export interface ApiFaultRule {
  readonly fault: ApiFault;
  /** Asked of each request in its turn, with the body that it sent, until a rule strikes. */
  readonly matches: (call: ApiCall, sent: string) => boolean;
  /** Which matching request is the first to be struck, counted from 1; default 1. */
  readonly from?: number;
  /** How many are struck; default: all, until it ceases. */
  readonly times?: number;
}

/** A fault that was set. */
export interface SetFault {
  /** How many requests it has struck. */
  readonly struck: () => number;
  /** The request that was struck last, and what it sent. */
  readonly last: () => StruckRequest | undefined;
  /** Strikes none any more; what it left without an answer ends. */
  readonly cease: () => void;
}

/** A request as it came. */
export interface StruckRequest {
  readonly call: ApiCall;
  readonly sent: string;
}

/** A proxy in front of an API server that does damage when told to. */
export interface ApiFaultProxy {
  /** The way through the proxy, for whom the given kubeconfig was. */
  readonly kubeconfig: string;
  /** Where several rules match, the one that was set first strikes. */
  readonly set: (rule: ApiFaultRule) => SetFault;
  /** Every request that came, oldest first. */
  readonly calls: () => readonly ApiCall[];
  /** Whether the server has answered all that was sent on to it, watches aside. */
  readonly isCalm: () => boolean;
  readonly close: () => Promise<void>;
}

/** Starts a proxy on loopback, spoken to over plain http, for the server of a kubeconfig whose authority stands in it. Throws where none does. */
export async function startApiFaultProxy(
  kubeconfig: string,
): Promise<ApiFaultProxy> {
  const proxy = new HttpFaultProxy(kubeconfig);
  await proxy.listen();
  return proxy;
}

interface ArmedRule extends ApiFaultRule {
  seen: number;
  struck: number;
  isOver: boolean;
  last: StruckRequest | undefined;
  readonly unanswered: Set<ServerResponse>;
}

interface Exchange {
  readonly call: ApiCall;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

const serverPattern = /("?server"?:\s*"?)(https?:\/\/[^\s",}]+)/;

class HttpFaultProxy implements ApiFaultProxy {
  readonly #kubeconfig: string;
  readonly #upstream: URL;
  readonly #agent: Agent;
  readonly #rules: ArmedRule[] = [];
  readonly #calls: ApiCall[] = [];
  readonly #firstLists = new Map<string, ServerAnswer>();
  readonly #sockets = new Set<Socket>();
  #isDead = false;
  #underWay = 0;
  readonly #server = createServer((message, response) => {
    void this.#serve(message, response);
  });

  constructor(kubeconfig: string) {
    const server = serverPattern.exec(kubeconfig)?.[2];
    const ca = /certificate-authority-data"?:\s*"?([A-Za-z0-9+/=]+)/.exec(
      kubeconfig,
    )?.[1];
    if (server === undefined || ca === undefined) {
      throw new Error("the kubeconfig names no server, or no authority");
    }
    this.#kubeconfig = kubeconfig;
    this.#upstream = new URL(server);
    this.#agent = new Agent({
      // Made once: reading an authority costs as much as the rest of a connection.
      secureContext: createSecureContext({ ca: Buffer.from(ca, "base64") }),
      keepAlive: true,
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  get kubeconfig(): string {
    const { port } = this.#server.address() as AddressInfo;
    return this.#kubeconfig.replace(
      serverPattern,
      `$1http://127.0.0.1:${port}`,
    );
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  set(rule: ApiFaultRule): SetFault {
    const armed: ArmedRule = {
      ...rule,
      seen: 0,
      struck: 0,
      isOver: false,
      last: undefined,
      unanswered: new Set(),
    };
    this.#rules.push(armed);
    return {
      struck: () => armed.struck,
      last: () => armed.last,
      cease: () => {
        armed.isOver = true;
        for (const response of armed.unanswered) response.destroy();
      },
    };
  }

  calls(): readonly ApiCall[] {
    return this.#calls;
  }

  isCalm(): boolean {
    return this.#underWay === 0;
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) =>
      this.#server.close(() => resolve()),
    );
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
    return closed;
  }

  async #serve(
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const path = message.url ?? "/";
    const call = parseApiCall(message.method ?? "GET", path);
    this.#calls.push(call);
    if (this.#isDead) return;
    const isCounted = call.verb !== "watch";
    if (isCounted) this.#underWay += 1;
    try {
      const body = await readBody(message);
      const sent = body.toString("utf8");
      // Killed while this was on its way.
      if (this.#isDead) return;
      const rule = this.#strike(call, sent);
      if (rule !== undefined) rule.last = { call, sent };
      if (rule?.fault.kind === "death") this.#isDead = true;
      await this.#answer({ call, message, response, body }, rule);
    } catch {
      // Either side hung up: the other learns it in the same way.
      response.destroy();
    } finally {
      if (isCounted) this.#underWay -= 1;
    }
  }

  #strike(call: ApiCall, sent: string): ArmedRule | undefined {
    const struck = this.#rules.find((rule) => {
      if (rule.isOver || !rule.matches(call, sent)) return false;
      rule.seen += 1;
      return (
        rule.seen >= (rule.from ?? 1) && rule.struck < (rule.times ?? Infinity)
      );
    });
    if (struck !== undefined) struck.struck += 1;
    return struck;
  }

  async #answer(
    exchange: Exchange,
    rule: ArmedRule | undefined,
  ): Promise<void> {
    const { response } = exchange;
    const fault = rule?.fault;
    switch (fault?.kind) {
      case "status":
        return write(response, failure(fault, exchange.call));
      case "silence":
        return void rule?.unanswered.add(response);
      case "deadWatch":
        response.writeHead(200, { "content-type": "application/json" });
        response.flushHeaders();
        return;
      case "goneWatch": {
        const { body } = failure({ code: 410 }, exchange.call);
        response.writeHead(200, { "content-type": "application/json" });
        response.end(`{"type":"ERROR","object":${body.toString("utf8")}}\n`);
        return;
      }
      case "slow":
        await new Promise((resolve) => setTimeout(resolve, fault.ms));
        return this.#forward(exchange, (answer) => write(response, answer));
      case "truncate":
        return this.#forward(exchange, (answer) => writeHalf(response, answer));
      case "dropAfterCommit":
        return this.#forward(exchange, () => void response.destroy());
      case "death":
        return fault.when === "before"
          ? undefined
          : this.#forward(exchange, () => undefined);
      case "emptyList":
        return this.#forward(exchange, (answer) =>
          write(response, emptied(answer)),
        );
      case "staleList":
        return this.#forward(exchange, (answer) =>
          write(response, this.#firstLists.get(exchange.call.path) ?? answer),
        );
      case undefined:
        return this.#forward(exchange, (answer) => {
          // What the dead one had asked for before is done, and never learnt of.
          if (!this.#isDead) write(response, answer);
        });
    }
  }

  /** Sends it on; a watch is passed on as it comes, anything else once it is whole. */
  #forward(
    { call, message, response, body }: Exchange,
    finish: (answer: ServerAnswer) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const { host: _, ...headers } = message.headers;
      const sent = httpsRequest(
        new URL(call.path, this.#upstream),
        {
          method: message.method ?? "GET",
          agent: this.#agent,
          headers,
        },
        (answer) => {
          answer.on("error", reject);
          if (call.verb === "watch") {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response);
            response.once("close", () => answer.destroy());
            resolve();
            return;
          }
          void readBody(answer).then((whole) => {
            const { statusCode: code = 502, headers: given } = answer;
            const kept = { code, headers: given, body: whole };
            if (call.verb === "list" && !this.#firstLists.has(call.path)) {
              this.#firstLists.set(call.path, kept);
            }
            finish(kept);
            resolve();
          }, reject);
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }
}

/** The headers of an answer whose body is whole by now. */
function wholeHeaders(answer: ServerAnswer) {
  const { "transfer-encoding": _, ...headers } = answer.headers;
  return { ...headers, "content-length": answer.body.length };
}

function write(response: ServerResponse, answer: ServerAnswer): void {
  response.writeHead(answer.code, wholeHeaders(answer));
  response.end(answer.body);
}

function writeHalf(response: ServerResponse, answer: ServerAnswer): void {
  const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
  response.writeHead(answer.code, wholeHeaders(answer));
  response.write(half, () => response.destroy());
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
