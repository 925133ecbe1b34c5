// Runs before the first paint, so that a chosen theme never flashes the other
// one. A file of its own, since the hub's policy refuses inline scripts.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("wheelhouse-theme");
  } catch {
    // Storage is refused: the system's theme stays.
  }
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
})();
