import { useSyncExternalStore } from "react";

/** A phone's width, as the style sheets have it. */
const query = "(max-width: 760px)";

/** Whether the page is as narrow as on a phone, now and whenever that changes. */
export function useNarrowScreen(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

function subscribe(onChange: () => void): () => void {
  const list = matchMedia(query);
  list.addEventListener("change", onChange);
  return () => list.removeEventListener("change", onChange);
}
