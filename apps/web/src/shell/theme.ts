/** What a person chose: the system's theme, or one of the two. */
export type Theme = "system" | "light" | "dark";

/** Read by `public/theme.js` before the first paint. */
const storageKey = "wheelhouse-theme";

/** The theme that is in force by choice. */
export function readTheme(): Theme {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** The choice after this one, around. */
export function nextTheme(theme: Theme): Theme {
  const around = { system: "light", light: "dark", dark: "system" } as const;
  return around[theme];
}

/** Puts a theme in force, and keeps it for the next visit where storage is allowed. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    if (theme === "system") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, theme);
  } catch {
    // Storage is refused: the choice holds until the page is closed.
  }
}
