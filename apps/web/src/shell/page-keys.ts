import { useEffect } from "react";
import { navigate } from "../route/navigation.tsx";
import { home, type Route, type ViewName } from "../route/route.ts";

/** The id of the one filter box, which `/` focuses. */
export const filterId = "filter";

const viewKeys: Readonly<Record<string, ViewName>> = {
  "1": "fleet",
  "2": "rollout",
  "3": "drift",
};

/** The keys that work everywhere but in a field or a dialog. */
export function usePageKeys(route: Route, onHelp: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (event.key === "Escape" && route.cluster !== "") {
        navigate({ ...route, cluster: "", bundle: "" });
        return;
      }
      if (isTyping(event.target)) return;
      const view = viewKeys[event.key];
      if (view !== undefined) navigate({ ...home, view });
      else if (event.key === "/") focusFilter();
      else if (event.key === "?") onHelp();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [route, onHelp]);
}

function focusFilter() {
  const box = document.getElementById(filterId);
  if (box instanceof HTMLInputElement) {
    box.focus();
    box.select();
  }
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement
  );
}
