import { systemClock } from "@wheelhouse/system-clock";
import { type ApplyPort, type DiscoveryPort } from "@wheelhouse/kube-apply";
import { type Clock } from "@wheelhouse/clock";
import { type WatchPort } from "@wheelhouse/kube-watch";
import { type FieldValidation, KubeApplyClient } from "./apply-client.ts";
import { Connections } from "./connections.ts";
import { CredentialSource } from "./credentials.ts";
import { KubeDiscovery } from "./discovery.ts";
import { type KubeconfigSource, loadKubeConfig } from "./kubeconfig.ts";
import { RequestGate, defaultConcurrency } from "./request-gate.ts";
import { Requester } from "./requester.ts";
import { Transport, requestTimeoutMs } from "./transport.ts";
import { KubeWatchClient } from "./watch-client.ts";

/** How a client is made. */
export interface KubeClientOptions {
  readonly kubeconfig: KubeconfigSource;
  /** Such as `wheelhouse-spoke/0.1.0`. */
  readonly userAgent: string;
  /** Requests in flight, watches not counted; 20 by default. */
  readonly concurrency?: number;
  /** Milliseconds until a request is given up; 30,000 by default. */
  readonly timeoutMs?: number;
  /** How the server treats unknown and duplicate fields; `Strict` by default: it refuses them. */
  readonly fieldValidation?: FieldValidation;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** One API server, by three ports. */
export interface KubeClient {
  readonly apply: ApplyPort;
  readonly discovery: DiscoveryPort;
  readonly watch: WatchPort;
  /** The server's address, for messages. */
  readonly server: string;
  /** Closes every connection. Requests in flight fail. */
  close(): void;
}

/** Makes a client. Throws where the kubeconfig cannot be read; connects with the first request. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const clock = options.clock ?? systemClock;
  const load = () => loadKubeConfig(options.kubeconfig);
  const concurrency = options.concurrency ?? defaultConcurrency;
  const connections = new Connections(concurrency);
  const transport = new Transport(
    connections,
    options.timeoutMs ?? requestTimeoutMs,
  );
  const requester = new Requester({
    credentials: new CredentialSource(load, clock),
    transport,
    gate: new RequestGate(clock, concurrency),
    clock,
    random: options.random ?? Math.random,
    userAgent: options.userAgent,
  });
  const discovery = new KubeDiscovery(requester, clock);
  return {
    apply: new KubeApplyClient(requester, discovery, options.fieldValidation),
    discovery,
    watch: new KubeWatchClient(requester, transport, discovery),
    server: load().getCurrentCluster()?.server ?? "",
    close: () => connections.close(),
  };
}
