import { type KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { type Clock } from "@wheelhouse/clock";
import { type Agent } from "node:http";
import { type RequestOptions } from "node:https";

/** All that a request needs to be let in. */
export interface Credentials {
  readonly server: URL;
  /** Authorization, and what the kubeconfig impersonates. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Pick<
    RequestOptions,
    "ca" | "cert" | "key" | "servername" | "rejectUnauthorized"
  >;
  /** Where the kubeconfig names a proxy. */
  readonly proxyAgent?: Agent;
}

/** Files and tokens are read again after this long, as client-go does. */
const rereadAfterMs = 60_000;

/** Gives out credentials: read once a minute, and at once after a 401. */
export class CredentialSource {
  readonly #load: () => KubeConfig;
  readonly #clock: Clock;
  #config: KubeConfig;
  #held: Promise<Credentials> | undefined;
  #readAt = 0;
  readonly #renewals = new WeakMap<Credentials, Promise<Credentials>>();

  constructor(load: () => KubeConfig, clock: Clock) {
    this.#load = load;
    this.#clock = clock;
    this.#config = load();
  }

  /** The credentials of now. Rejects where a token file or an exec plugin fails. */
  current(): Promise<Credentials> {
    const isOld = this.#clock.monotonicMs() - this.#readAt >= rereadAfterMs;
    return this.#held === undefined || isOld ? this.#read() : this.#held;
  }

  /** Credentials other than the refused ones: kubeconfig and tokens are read anew, once for all who were refused together. */
  renew(refused: Credentials): Promise<Credentials> {
    const renewal = this.#renewals.get(refused) ?? this.#renew(refused);
    this.#renewals.set(refused, renewal);
    return renewal;
  }

  async #renew(refused: Credentials): Promise<Credentials> {
    const held = await this.current();
    if (held !== refused) return held;
    // A fresh KubeConfig forgets the tokens that its plugins remembered.
    this.#config = this.#load();
    return this.#read();
  }

  #read(): Promise<Credentials> {
    const reading = credentialsOf(this.#config);
    this.#readAt = this.#clock.monotonicMs();
    this.#held = reading;
    reading.catch(() => {
      if (this.#held === reading) this.#held = undefined;
    });
    return reading;
  }
}

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error("kubeconfig: no current cluster");
  const headers: Record<string, string> = {};
  const options: RequestOptions = { headers };
  await config.applyToHTTPSOptions(options);
  if (typeof options.auth === "string") {
    const basic = Buffer.from(options.auth).toString("base64");
    headers["Authorization"] = `Basic ${basic}`;
  }
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  return {
    server: new URL(cluster.server),
    headers,
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
    ...(cluster.proxyUrl && typeof options.agent === "object"
      ? { proxyAgent: options.agent }
      : {}),
  };
}
