import { HubProblem } from "./hub-problem.ts";
import { readServerEvents } from "./server-events.ts";
import {
  type AddClusterRequest,
  type ApprovePrunesRequest,
  type CreateTokenRequest,
  type ReconcileRequestBody,
  type RolloutActionRequest,
  type SuspendRequest,
  routes,
} from "./routes.ts";
import {
  type AuditView,
  type ClusterView,
  type DriftView,
  type FleetView,
  type JoinView,
  type PrincipalView,
  type PruneView,
  type RolloutView,
  type TokenView,
} from "./views.ts";

/** What people do to a rollout. */
export type RolloutAction = "approve" | "pause" | "resume" | "abort" | "undo";

/** How a client reaches its hub. */
export interface HubClientOptions {
  /** Such as `http://127.0.0.1:7700`. */
  readonly server: string;
  /** A bearer token; undefined in a browser, where the cookie speaks. */
  readonly token?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Default 30,000; the event stream has none. */
  readonly timeoutMs?: number;
}

/** Every route of the hub as a method. Each rejects with `HubProblem`. */
export interface HubClient {
  whoami(): Promise<PrincipalView>;
  fleet(): Promise<FleetView>;
  /** FleetViews as they change, the first at once; ends with the signal, rejects when the stream breaks. */
  watchFleet(signal: AbortSignal): AsyncIterable<FleetView>;
  clusters(): Promise<readonly ClusterView[]>;
  cluster(name: string): Promise<ClusterView>;
  addCluster(request: AddClusterRequest): Promise<JoinView>;
  removeCluster(name: string): Promise<{ readonly notice: string }>;
  repointCluster(name: string): Promise<JoinView>;
  rollouts(): Promise<readonly RolloutView[]>;
  rollout(name: string): Promise<RolloutView>;
  actOnRollout(
    name: string,
    action: RolloutAction,
    request?: RolloutActionRequest,
  ): Promise<RolloutView>;
  drift(): Promise<readonly DriftView[]>;
  prunes(): Promise<readonly PruneView[]>;
  approvePrunes(request: ApprovePrunesRequest): Promise<readonly PruneView[]>;
  reconcile(request: ReconcileRequestBody): Promise<void>;
  suspend(request: SuspendRequest): Promise<void>;
  resume(request: SuspendRequest): Promise<void>;
  tokens(): Promise<readonly TokenView[]>;
  /** The secret is in the answer, and nowhere else ever again. */
  createToken(
    request: CreateTokenRequest,
  ): Promise<TokenView & { readonly token: string }>;
  deleteToken(name: string): Promise<void>;
  audit(): Promise<readonly AuditView[]>;
}

/** A client of one hub. */
export function createHubClient(options: HubClientOptions): HubClient {
  const request = createRequest(options);
  const get = <T>(path: string) => request<T>("GET", path);
  const post = <T>(path: string, body: object = {}) =>
    request<T>("POST", path, body);
  const remove = <T>(path: string) => request<T>("DELETE", path);
  return {
    whoami: () => get(routes.whoami),
    fleet: () => get(routes.fleet),
    watchFleet: (signal) => watchFleet(options, signal),
    clusters: () => get(routes.clusters),
    cluster: (name) => get(routes.cluster(name)),
    addCluster: (body) => post(routes.clusters, body),
    removeCluster: (name) => remove(routes.cluster(name)),
    repointCluster: (name) => post(routes.repoint(name)),
    rollouts: () => get(routes.rollouts),
    rollout: (name) => get(routes.rollout(name)),
    actOnRollout: (name, action, body) =>
      post(routes.rolloutAction(name, action), body),
    drift: () => get(routes.drift),
    prunes: () => get(routes.prunes),
    approvePrunes: (body) => post(routes.approvePrunes, body),
    reconcile: (body) => post(routes.reconcile, body),
    suspend: (body) => post(routes.suspend, body),
    resume: (body) => post(routes.resume, body),
    tokens: () => get(routes.tokens),
    createToken: (body) => post(routes.tokens, body),
    deleteToken: (name) => remove(routes.token(name)),
    audit: () => get(routes.audit),
  };
}

function headersOf(token: string | undefined): Record<string, string> {
  return {
    accept: "application/json, application/problem+json",
    // Tells the hub that this is no form of a foreign page.
    "x-wheelhouse": "1",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

function createRequest(options: HubClientOptions) {
  const { server, token, timeoutMs = 30_000 } = options;
  const doFetch = options.fetch ?? globalThis.fetch;
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const headers = headersOf(token);
    if (body !== undefined) headers["content-type"] = "application/json";
    let status: number;
    let text: string;
    try {
      const answer = await doFetch(new URL(path, server), {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = answer.status;
      text = await answer.text();
    } catch (error) {
      throw HubProblem.unreachable(server, error);
    }
    if (status >= 400) {
      throw HubProblem.fromAnswer(status, text, server);
    }
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
}

async function* watchFleet(
  options: HubClientOptions,
  signal: AbortSignal,
): AsyncIterable<FleetView> {
  const doFetch = options.fetch ?? globalThis.fetch;
  const answer = await doFetch(new URL(routes.events, options.server), {
    headers: { ...headersOf(options.token), accept: "text/event-stream" },
    signal,
  }).catch((error: unknown) => {
    throw HubProblem.unreachable(options.server, error);
  });
  if (!answer.ok || answer.body === null) {
    const text = await answer.text();
    throw HubProblem.fromAnswer(answer.status, text, options.server);
  }
  for await (const { event, data } of readServerEvents(answer.body)) {
    if (event === "fleet") yield JSON.parse(data) as FleetView;
  }
}
