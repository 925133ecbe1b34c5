import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { LiveFleet } from "./hub/live-fleet.ts";
import "./styles/tokens.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/summary.css";
import "./styles/toolbar.css";
import "./styles/matrix.css";
import "./styles/cell.css";
import "./styles/rollout.css";
import "./styles/drift.css";
import "./styles/panel.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

const live = new LiveFleet(location.origin);
document.addEventListener("visibilitychange", live.followVisibility);
createRoot(root).render(
  <StrictMode>
    <App live={live} />
  </StrictMode>,
);
