import {
  type ClusterView,
  type FleetView,
  type HubClient,
  type PrincipalView,
} from "@wheelhouse/rest-api";
import { createContext, use } from "react";

/** What every view of the page stands on. */
export interface Page {
  readonly fleet: FleetView;
  /** The hub's time now, ms since 1970: its own when the view was made, run on by this machine's clock. */
  readonly now: number;
  /** How long ago the view came, ms. */
  readonly sinceViewMs: number;
  readonly isLive: boolean;
  readonly principal: PrincipalView | null;
  readonly client: HubClient;
}

/** Given by the app as soon as there is a first view. */
export const PageContext = createContext<Page | undefined>(undefined);

/** The page's ground; only below a `PageContext`. */
export function usePage(): Page {
  const page = use(PageContext);
  if (page === undefined) throw new Error("usePage outside of PageContext");
  return page;
}

/**
 * The time to which the age of a cluster's last report counts. While the hub
 * is live and holds the cluster's session, its view is the present, however
 * long nothing changed; in every other case silence ages.
 */
export function reportsNow(
  { fleet, now, isLive }: Pick<Page, "fleet" | "now" | "isLive">,
  { spoke }: Pick<ClusterView, "spoke">,
): number {
  return isLive && spoke.connected ? Date.parse(fleet.now) : now;
}
