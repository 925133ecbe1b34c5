import { createHash } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type Credentials } from "./credentials.ts";

/**
 * Keeps connections open: one pool for requests, bounded like the requests in
 * flight, and one for watches, which each hold a connection. When
 * certificates change on disk, new requests get a new pool, and the idle
 * connections of the old one are closed.
 */
export class Connections {
  readonly #maxSockets: number;
  #fingerprint = "";
  #known: Credentials | undefined;
  #agents: { request: HttpAgent; watch: HttpAgent } | undefined;

  constructor(maxSockets: number) {
    this.#maxSockets = maxSockets;
  }

  /** The pool for a request or a watch. */
  agentFor(credentials: Credentials, use: "request" | "watch"): HttpAgent {
    if (credentials.proxyAgent !== undefined) return credentials.proxyAgent;
    const agents =
      this.#agents !== undefined && credentials === this.#known
        ? this.#agents
        : this.#agentsFor(credentials);
    return agents[use];
  }

  #agentsFor(credentials: Credentials) {
    const fingerprint = fingerprintOf(credentials);
    this.#known = credentials;
    if (this.#agents === undefined || fingerprint !== this.#fingerprint) {
      if (this.#agents !== undefined) closeIdle(this.#agents.request);
      this.#fingerprint = fingerprint;
      this.#agents = {
        request: createAgent(credentials, this.#maxSockets),
        watch: createAgent(credentials, Infinity),
      };
    }
    return this.#agents;
  }

  /** Closes every connection, also those in use. */
  close(): void {
    this.#agents?.request.destroy();
    this.#agents?.watch.destroy();
    this.#agents = undefined;
  }
}

/** All that it holds goes to one server under one set of certificates, so there is one name: Node's own takes them all together, for each request anew. */
class OneServerAgent extends HttpsAgent {
  override getName(): string {
    return "server";
  }
}

function createAgent(credentials: Credentials, maxSockets: number): HttpAgent {
  const options = { keepAlive: true, maxSockets, scheduling: "lifo" } as const;
  return credentials.server.protocol === "http:"
    ? new HttpAgent(options)
    : new OneServerAgent({ ...options, ...credentials.tls });
}

function closeIdle(agent: HttpAgent): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}

function fingerprintOf({ server, tls }: Credentials): string {
  const hash = createHash("sha256").update(server.origin);
  for (const value of [tls.ca, tls.cert, tls.key]) {
    hash.update("\0").update(Buffer.isBuffer(value) ? value : String(value));
  }
  return hash
    .update(`\0${tls.servername ?? ""}\0${tls.rejectUnauthorized ?? true}`)
    .digest("hex");
}
