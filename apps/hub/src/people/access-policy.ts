import { type Role, routes } from "@wheelhouse/rest-api";

/** Who may use a route. `public`: anybody; else the least role. */
export type Access = "public" | Role;

/** One row of the table of access. */
export interface AccessRule {
  readonly method: "GET" | "POST" | "DELETE";
  /** As Fastify knows it: `:name` for a parameter. */
  readonly path: string;
  readonly access: Access;
}

const name = ":name";
/** Routes encode what they are given: a parameter's name must stay as it is. */
const pattern = (path: string) => path.replaceAll(encodeURIComponent(":"), ":");

/** The one table of who may do what. A route that is not in it is refused to everybody. */
export const accessPolicy: readonly AccessRule[] = [
  { method: "GET", path: routes.health, access: "public" },
  { method: "GET", path: routes.ready, access: "public" },
  { method: "POST", path: routes.login, access: "public" },
  { method: "GET", path: "/login", access: "public" },
  { method: "GET", path: "/login.js", access: "public" },
  // The page itself: it holds nothing but code; what it shows comes from the API.
  { method: "GET", path: "/", access: "public" },
  { method: "GET", path: "/*", access: "public" },
  { method: "POST", path: routes.logout, access: "viewer" },
  { method: "GET", path: routes.whoami, access: "viewer" },
  { method: "GET", path: routes.fleet, access: "viewer" },
  { method: "GET", path: routes.events, access: "viewer" },
  { method: "GET", path: routes.clusters, access: "viewer" },
  { method: "GET", path: pattern(routes.cluster(name)), access: "viewer" },
  { method: "GET", path: routes.rollouts, access: "viewer" },
  { method: "GET", path: pattern(routes.rollout(name)), access: "viewer" },
  { method: "GET", path: routes.drift, access: "viewer" },
  { method: "GET", path: routes.prunes, access: "viewer" },
  { method: "GET", path: routes.audit, access: "viewer" },
  { method: "GET", path: routes.openapi, access: "viewer" },
  {
    method: "POST",
    path: pattern(routes.rolloutAction(name, ":action")),
    access: "operator",
  },
  { method: "POST", path: routes.approvePrunes, access: "operator" },
  { method: "POST", path: routes.reconcile, access: "operator" },
  { method: "POST", path: routes.suspend, access: "operator" },
  { method: "POST", path: routes.resume, access: "operator" },
  { method: "POST", path: routes.clusters, access: "admin" },
  { method: "DELETE", path: pattern(routes.cluster(name)), access: "admin" },
  { method: "POST", path: pattern(routes.repoint(name)), access: "admin" },
  { method: "GET", path: routes.tokens, access: "admin" },
  { method: "POST", path: routes.tokens, access: "admin" },
  { method: "DELETE", path: pattern(routes.token(name)), access: "admin" },
];

const ranks: Readonly<Record<Role, number>> = {
  viewer: 1,
  operator: 2,
  admin: 3,
};

/** Whether a role is at least another. */
export function isAtLeast(role: Role, needed: Role): boolean {
  return ranks[role] >= ranks[needed];
}

/** The rule for a matched route; HEAD is as GET; undefined means: refused. */
export function findRule(method: string, path: string): AccessRule | undefined {
  const asked = method === "HEAD" ? "GET" : method;
  return accessPolicy.find(
    (rule) => rule.method === asked && rule.path === path,
  );
}
