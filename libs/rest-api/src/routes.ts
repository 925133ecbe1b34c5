/**
 * Every route of the hub. All but health and login need a principal:
 * `Authorization: Bearer TOKEN`, or the session cookie of the page.
 */
export const routes = {
  health: "/healthz",
  ready: "/readyz",
  login: "/api/v1/login",
  logout: "/api/v1/logout",
  whoami: "/api/v1/whoami",
  fleet: "/api/v1/fleet",
  /** Server-sent events: `fleet` carries a FleetView, at most four a second, and one at once. */
  events: "/api/v1/events",
  clusters: "/api/v1/clusters",
  cluster: (name: string) => `/api/v1/clusters/${encodeURIComponent(name)}`,
  repoint: (name: string) =>
    `/api/v1/clusters/${encodeURIComponent(name)}/repoint`,
  rollouts: "/api/v1/rollouts",
  rollout: (name: string) => `/api/v1/rollouts/${encodeURIComponent(name)}`,
  /** `action`: approve, pause, resume, abort, undo. */
  rolloutAction: (name: string, action: string) =>
    `/api/v1/rollouts/${encodeURIComponent(name)}/${action}`,
  drift: "/api/v1/drift",
  prunes: "/api/v1/prunes",
  approvePrunes: "/api/v1/prunes/approve",
  reconcile: "/api/v1/reconcile",
  suspend: "/api/v1/suspend",
  resume: "/api/v1/resume",
  tokens: "/api/v1/tokens",
  token: (name: string) => `/api/v1/tokens/${encodeURIComponent(name)}`,
  audit: "/api/v1/audit",
  openapi: "/api/v1/openapi.json",
} as const;

/** Where the page's views are; no other address is the page's. */
export const pagePaths = {
  fleet: "/",
  rollout: "/rollout",
  drift: "/drift",
  login: "/login",
} as const;

/** Bodies of the requests that change something. */
export interface AddClusterRequest {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** For `approve`: the wave; for `resume`: a rejected commit to take back. */
export interface RolloutActionRequest {
  readonly wave?: string;
  readonly revision?: string;
  /** The rollout's generation that the person saw: refused where it is another one by now. */
  readonly generation?: number;
}

/** Deletions as the person saw them listed: all are approved, or with 409 none, where one of them is held no longer. Between 1 and 10,000. `approvalOf` makes it. */
export interface ApprovePrunesRequest {
  readonly objects: readonly {
    readonly cluster: string;
    /** `group/kind/namespace/name`. */
    readonly key: string;
  }[];
}

/** A cluster, a bundle in it, or with neither the fleet repo itself. */
export interface ReconcileRequestBody {
  readonly cluster?: string;
  readonly bundle?: string;
}

/** What to suspend or resume: a cluster, or one bundle in it. */
export interface SuspendRequest {
  readonly cluster: string;
  readonly bundle?: string;
}

/** A token for a person or a program. `expiresInMs` is at most 90 days. */
export interface CreateTokenRequest {
  readonly name: string;
  readonly role: "viewer" | "operator" | "admin";
  readonly expiresInMs?: number;
}

/** A one-time code from a login link, or a bearer token. */
export interface LoginRequest {
  readonly code?: string;
  readonly token?: string;
}
