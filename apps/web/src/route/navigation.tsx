import {
  type AnchorHTMLAttributes,
  type MouseEvent,
  useSyncExternalStore,
} from "react";
import { formatRoute, parseRoute, type Route } from "./route.ts";

/** Dispatched on the window when this page changes its own address: `popstate` tells of the browser's buttons only. */
const changed = "wheelhouse:route";

/** Goes to a route; `replace` leaves no step behind in the history, as for each letter typed into the filter. */
export function navigate(route: Route, how: "push" | "replace" = "push") {
  const address = formatRoute(route);
  if (address === location.pathname + location.search) return;
  if (how === "push") history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  window.dispatchEvent(new Event(changed));
}

function subscribe(listener: () => void) {
  window.addEventListener("popstate", listener);
  window.addEventListener(changed, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(changed, listener);
  };
}

const readAddress = () => location.pathname + location.search;

/** The route that the address bar shows, as it changes. */
export function useRoute(): Route {
  const address = useSyncExternalStore(subscribe, readAddress);
  const { pathname, search } = new URL(address, location.origin);
  return parseRoute(pathname, search);
}

/** A link within the page: a real address, for a new tab or a colleague, and no reload on a plain click. */
export function Link({
  to,
  ...rest
}: { readonly to: Route } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const follow = (event: MouseEvent) => {
    const isPlain =
      event.button === 0 &&
      !event.metaKey &&
      !event.ctrlKey &&
      !event.shiftKey &&
      !event.altKey;
    if (!isPlain) return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...rest} href={formatRoute(to)} onClick={follow} />;
}
