import { type FleetView } from "@wheelhouse/rest-api";
import { useState } from "react";
import { type LiveState } from "../hub/live-fleet.ts";
import { logout } from "../hub/session.ts";
import { Link, navigate } from "../route/navigation.tsx";
import { home, type Route } from "../route/route.ts";
import { SearchIcon, ThemeIcon, WheelIcon } from "./icons.tsx";
import { filterId } from "./page-keys.ts";
import { applyTheme, nextTheme, readTheme } from "./theme.ts";

const views = [
  ["fleet", "Fleet"],
  ["rollout", "Rollout"],
  ["drift", "Drift"],
] as const;

/** The bar at the top: where one is, the filter, and who is asking. */
export function Header(props: {
  readonly route: Route;
  readonly state: LiveState;
  readonly onHelp: () => void;
  readonly onLoggedOut: () => void;
}) {
  const { route, state } = props;
  return (
    <header className="header">
      <Link className="brand" to={home} title="Wheelhouse">
        <WheelIcon />
        <span className="brand-name">{state.view?.fleet ?? "Wheelhouse"}</span>
      </Link>
      <nav className="tabs" aria-label="Views">
        {views.map(([view, label]) => (
          <Link
            key={view}
            to={{ ...home, view }}
            className="tab"
            aria-current={route.view === view ? "page" : undefined}
          >
            {label}
            <TabCount number={countFor(view, state.view)} />
          </Link>
        ))}
      </nav>
      <Filter route={route} />
      <div className="header-end">
        <Liveness state={state} />
        <ThemeButton />
        <button
          type="button"
          className="quiet key-button"
          aria-label="Keys"
          title="Keys (?)"
          onClick={props.onHelp}
        >
          ?
        </button>
        <Person state={state} onLoggedOut={props.onLoggedOut} />
      </div>
    </header>
  );
}

/** What waits for a person on a view: rollouts that stopped, drift that is open, deletions that are held. */
function countFor(view: string, fleet: FleetView | null): number {
  if (fleet === null) return 0;
  if (view === "rollout") {
    return fleet.rollouts.filter(
      ({ phase }) => phase === "Halted" || phase === "Blocked",
    ).length;
  }
  if (view !== "drift") return 0;
  return (
    fleet.drift.filter(({ state }) => state === "open" || state === "blocked")
      .length + fleet.prunes.filter(({ approved }) => !approved).length
  );
}

function TabCount({ number }: { readonly number: number }) {
  if (number === 0) return null;
  return (
    <span className="tab-count">
      {number.toLocaleString("en")}
      <span className="unseen"> to look at</span>
    </span>
  );
}

function Filter({ route }: { readonly route: Route }) {
  return (
    <label className="filter">
      <SearchIcon />
      <span className="unseen">Filter</span>
      <input
        id={filterId}
        type="search"
        placeholder="Filter"
        autoComplete="off"
        spellCheck={false}
        value={route.filter}
        onChange={(event) =>
          navigate({ ...route, filter: event.target.value }, "replace")
        }
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          navigate({ ...route, filter: "" }, "replace");
          event.currentTarget.blur();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}

const livenessWords = {
  connecting: "connecting",
  live: "live",
  interrupted: "interrupted",
  loggedOut: "logged out",
  refused: "refused",
} as const;

function Liveness({ state }: { readonly state: LiveState }) {
  const word = livenessWords[state.phase];
  return (
    <span className={`liveness is-${state.phase}`} role="status" title={word}>
      <span className="liveness-dot" aria-hidden="true" />
      <span className="liveness-word">{word}</span>
    </span>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(readTheme);
  const change = () => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button
      type="button"
      className="quiet"
      aria-label={`Theme: ${theme}`}
      title={`Theme: ${theme}`}
      onClick={change}
    >
      <ThemeIcon theme={theme} />
    </button>
  );
}

function Person(props: {
  readonly state: LiveState;
  readonly onLoggedOut: () => void;
}) {
  const { principal } = props.state;
  if (principal === null) return null;
  const leave = () => {
    // A hub that is gone has no session to end: the next connection says where we stand.
    void logout()
      .catch(() => undefined)
      .then(props.onLoggedOut);
  };
  return (
    <button
      type="button"
      className="quiet person"
      title={`${principal.name}, ${principal.role}: log out`}
      onClick={leave}
    >
      <span className="person-name">{principal.name}</span>
      <span className="person-role">{principal.role}</span>
      <span className="unseen">: log out</span>
    </button>
  );
}
