import { pagePaths } from "@wheelhouse/rest-api";

/** The pages that have a place in the header, and those that have not. */
export type ViewName = "fleet" | "rollout" | "drift" | "login" | "unknown";

/** How the matrix sorts the clusters of a group. */
export type SortOrder = "name" | "worst";

/** Everything that a link to this page says. Empty strings stand for "not said". */
export interface Route {
  readonly view: ViewName;
  readonly filter: string;
  /** The cluster whose panel is open, and the bundle in it that is meant. */
  readonly cluster: string;
  readonly bundle: string;
  /** `wave`, or a label's key. */
  readonly group: string;
  readonly sort: SortOrder;
  /** Which rollout is shown; empty for the first. */
  readonly rollout: string;
  /** The one-time code of a login link. */
  readonly code: string;
}

const paths: Record<Exclude<ViewName, "unknown">, string> = pagePaths;

/** The fleet, with nothing opened or filtered. */
export const home: Route = {
  view: "fleet",
  filter: "",
  cluster: "",
  bundle: "",
  group: "wave",
  sort: "name",
  rollout: "",
  code: "",
};

/** Reads path and query; a path that is none of ours is `unknown`. */
export function parseRoute(pathname: string, search: string): Route {
  const query = new URLSearchParams(search);
  const trimmed = pathname.replace(/\/+$/, "") || "/";
  const found = Object.entries(paths).find(([, path]) => path === trimmed);
  return {
    view: (found?.[0] ?? "unknown") as ViewName,
    filter: query.get("q") ?? "",
    cluster: query.get("cluster") ?? "",
    bundle: query.get("bundle") ?? "",
    group: query.get("group") ?? "wave",
    sort: query.get("sort") === "worst" ? "worst" : "name",
    rollout: query.get("rollout") ?? "",
    code: query.get("code") ?? "",
  };
}

/** The address of a route, without what is the default anyway. */
export function formatRoute(route: Route): string {
  const query = new URLSearchParams();
  const put = (key: string, value: string, usual = "") => {
    if (value !== usual) query.set(key, value);
  };
  put("q", route.filter);
  put("cluster", route.cluster);
  if (route.cluster !== "") put("bundle", route.bundle);
  put("group", route.group, home.group);
  put("sort", route.sort, home.sort);
  put("rollout", route.rollout);
  const text = query.toString();
  const path = route.view === "unknown" ? "/" : paths[route.view];
  return text === "" ? path : `${path}?${text}`;
}
