import { stringify } from "yaml";
import { AuditLog, type AuditRecord } from "./audit.ts";
import { createChance, createUid } from "./chance.ts";
import { type Clock } from "@wheelhouse/clock";
import { systemClock } from "@wheelhouse/system-clock";
import { type ClusterState } from "./cluster-state.ts";
import { startControllers } from "./controllers/start-controllers.ts";
import { OwnerIndex } from "./controllers/owner-index.ts";
import { type Fault, FaultList } from "./faults.ts";
import { seedCluster } from "./first-objects.ts";
import { type ServerIdentity, sharedIdentity } from "./http/certificate.ts";
import { HttpServer } from "./http/http-server.ts";
import { WatchList } from "./http/watch-list.ts";
import { cloneJson, type JsonObject, objectAt, stringAt } from "./json.ts";
import { ResourceTable } from "./resource.ts";
import { objectKey, Store } from "./store.ts";

/** How a simulated cluster is made. */
export interface SimClusterOptions {
  /** Named in the kubeconfig. */
  readonly name: string;
  /** Time until pods, claims and load balancers are ready; default 100 ms. */
  readonly readyAfterMs?: number;
  /** Changes kept for watches that resume; older ones answer 410. Default 1,000. */
  readonly historySize?: number;
  /** Requests kept by `audit()`; older ones are dropped. Default 5,000. */
  readonly auditSize?: number;
  /** Whether `audit()` keeps what writes sent and were answered; default false. */
  readonly auditBodies?: boolean;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default true: https with a self-signed authority, made once per process. */
  readonly tls?: boolean;
  /** Default: a free one. */
  readonly port?: number;
  /** Makes uids and generated names repeatable. */
  readonly seed?: number;
}

/** A running cluster that exists only as a server of the Kubernetes API, with small controllers. */
export interface SimCluster {
  readonly name: string;
  readonly url: string;
  /** PEM; "" without TLS. */
  readonly caCert: string;
  /** The uid of the namespace kube-system, by which a cluster is told apart. */
  readonly kubeSystemUid: string;
  /** A kubeconfig for a user with a bearer token of its own; default `admin`. Nothing is forbidden to anybody. */
  kubeconfig(user?: string): string;
  /** The user's bearer token, made on first use. */
  token(user?: string): string;
  /** A client certificate for a user; undefined without TLS. */
  clientCertificate(
    user: string,
  ): Promise<{ cert: string; key: string } | undefined>;
  /** Every request that ended, oldest first, up to `auditSize`. */
  audit(): readonly AuditRecord[];
  clearAudit(): void;
  /** Makes matching requests fail until the returned function is called. */
  setFault(fault: Fault): () => void;
  /** Cuts every connection and refuses new ones; the cluster inside lives on. */
  pause(): Promise<void>;
  /** Listens again, on the same port. */
  resume(): Promise<void>;
  /** Forgets the history, so that every open resourceVersion answers 410. */
  compact(): void;
  /** Sends bookmarks to the watches that asked for them now, rather than within a minute. */
  sendBookmarks(): void;
  /** Copies of all objects of a resource (`apps/deployments`, `/configmaps`), or of everything. */
  objects(resource?: string): JsonObject[];
  /** Ends it all: server, watches, controllers. */
  stop(): Promise<void>;
}

const defaultReadyAfterMs = 100;
const defaultHistorySize = 1_000;
const defaultAuditSize = 5_000;

/** Starts a simulated cluster on loopback; resolves when it answers. */
export async function createSimCluster(
  options: SimClusterOptions,
): Promise<SimCluster> {
  const clock = options.clock ?? systemClock;
  const store = new Store(options.historySize ?? defaultHistorySize);
  const state: ClusterState = {
    store,
    owners: new OwnerIndex(store),
    resources: new ResourceTable(),
    clock,
    chance: createChance(options.seed),
  };
  seedCluster(state);
  const stopControllers = startControllers(
    state,
    options.readyAfterMs ?? defaultReadyAfterMs,
  );
  const identity =
    options.tls === false ? undefined : await sharedIdentity(clock.nowMs());
  const parts = {
    state,
    identity,
    audit: new AuditLog(options.auditSize ?? defaultAuditSize),
    auditBodies: options.auditBodies ?? false,
    faults: new FaultList(),
    watches: new WatchList(state.store, clock),
    tokens: new Map<string, string>(),
  };
  const server = new HttpServer(parts);
  await server.listen(options.port ?? 0);
  return assemble(options.name, parts, server, stopControllers);
}

interface Parts {
  readonly state: ClusterState;
  readonly identity: ServerIdentity | undefined;
  readonly audit: AuditLog;
  readonly auditBodies: boolean;
  readonly faults: FaultList;
  readonly watches: WatchList;
  readonly tokens: Map<string, string>;
}

function assemble(
  name: string,
  parts: Parts,
  server: HttpServer,
  stopControllers: () => void,
): SimCluster {
  const { state, identity, audit, faults, watches } = parts;
  const url = `${identity === undefined ? "http" : "https"}://127.0.0.1:${server.port}`;
  const caCert = identity?.caCert ?? "";
  const kubeSystem = state.store.get(
    "/namespaces",
    objectKey("", "kube-system"),
  );
  const token = (user = "admin") => tokenOf(parts, user);
  return {
    name,
    url,
    caCert,
    kubeSystemUid: stringAt(objectAt(kubeSystem, "metadata"), "uid"),
    token,
    kubeconfig: (user = "admin") =>
      printKubeconfig({ name, url, caCert, user, token: token(user) }),
    clientCertificate: async (user) => identity?.issueClient(user),
    audit: () => audit.records,
    clearAudit: () => audit.clear(),
    setFault: (fault) => faults.add(fault),
    pause: () => server.close(),
    resume: () => server.listen(0),
    compact: () => state.store.compact(),
    sendBookmarks: () => watches.sendBookmarks(),
    objects: (resource) =>
      (resource === undefined ? state.store.resources() : [resource]).flatMap(
        (each) => state.store.list(each).map((object) => cloneJson(object)),
      ),
    stop: async () => {
      stopControllers();
      await server.close();
    },
  };
}

function tokenOf({ tokens, state }: Parts, user: string): string {
  for (const [token, owner] of tokens) if (owner === user) return token;
  const made = `sim-${createUid(state.chance)}`;
  tokens.set(made, user);
  return made;
}

interface KubeconfigParts {
  readonly name: string;
  readonly url: string;
  readonly caCert: string;
  readonly user: string;
  readonly token: string;
}

function printKubeconfig({
  name,
  url,
  caCert,
  user,
  token,
}: KubeconfigParts): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: {
          server: url,
          ...(caCert === ""
            ? {}
            : {
                "certificate-authority-data":
                  Buffer.from(caCert).toString("base64"),
              }),
        },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name, context: { cluster: name, user } }],
    "current-context": name,
  });
}
