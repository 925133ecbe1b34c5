import { useEffect, useState, useSyncExternalStore } from "react";
import { ClusterPanel } from "./cluster/cluster-panel.tsx";
import { DriftPage } from "./drift/drift-page.tsx";
import { FleetPage } from "./fleet/fleet-page.tsx";
import { type LiveFleet, type LiveState } from "./hub/live-fleet.ts";
import { type Page, PageContext } from "./hub/page-context.tsx";
import { navigate, useRoute } from "./route/navigation.tsx";
import { home, type Route } from "./route/route.ts";
import { RolloutPage } from "./rollout/rollout-page.tsx";
import { Banners } from "./shell/banners.tsx";
import { Header } from "./shell/header.tsx";
import { KeyHelp } from "./shell/key-help.tsx";
import { LoginPage } from "./shell/login-page.tsx";
import { Problem } from "./shell/problem.tsx";
import { Skeleton } from "./shell/skeleton.tsx";
import { UnknownPage } from "./shell/unknown-page.tsx";
import { usePageKeys } from "./shell/page-keys.ts";
import { useNow } from "./time/use-now.ts";

/** The whole page: what to show follows from the address and from where the hub's stream stands. */
export function App({ live }: { readonly live: LiveFleet }) {
  const state = useSyncExternalStore(live.subscribe, live.read);
  const route = useRoute();
  const isLogin = route.view === "login";
  useEffect(() => {
    if (isLogin) return;
    live.start();
    return () => live.stop();
  }, [live, isLogin]);

  if (isLogin || state.phase === "loggedOut") {
    return (
      <LoginPage
        code={route.code}
        onLogin={() => {
          if (isLogin) navigate(home, "replace");
          else live.start();
        }}
      />
    );
  }
  if (state.phase === "refused" && state.problem !== null) {
    return (
      <main className="alone">
        <Problem
          what="the hub refuses this page"
          why={state.problem.message}
          advice={state.problem.advice}
          onRetry={() => live.start()}
        />
      </main>
    );
  }
  return <LivePage live={live} state={state} route={route} />;
}

function LivePage(props: {
  readonly live: LiveFleet;
  readonly state: LiveState;
  readonly route: Route;
}) {
  const { live, state, route } = props;
  const machineNow = useNow();
  const [isHelpOpen, setHelpOpen] = useState(false);
  usePageKeys(route, () => setHelpOpen(true));
  const page = createPage(live, state, machineNow);
  useTitle(page, route);
  return (
    <div className="page">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <Header
        route={route}
        state={state}
        onHelp={() => setHelpOpen(true)}
        onLoggedOut={() => live.start()}
      />
      <Banners state={state} page={page} now={machineNow} />
      {page === undefined ? (
        <Skeleton />
      ) : (
        <PageContext value={page}>
          <main
            id="main"
            tabIndex={-1}
            className={route.cluster === "" ? "views" : "views has-panel"}
          >
            <div className="view">
              <CurrentView route={route} />
            </div>
            {route.cluster !== "" && (
              <ClusterPanel key={route.cluster} route={route} />
            )}
          </main>
        </PageContext>
      )}
      {isHelpOpen && <KeyHelp onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

function CurrentView({ route }: { readonly route: Route }) {
  switch (route.view) {
    case "fleet":
      return <FleetPage route={route} />;
    case "rollout":
      return <RolloutPage route={route} />;
    case "drift":
      return <DriftPage route={route} />;
    case "login":
    case "unknown":
      return <UnknownPage />;
  }
}

function createPage(
  live: LiveFleet,
  state: LiveState,
  machineNow: number,
): Page | undefined {
  if (state.view === null) return undefined;
  // The tick may be older than the view: time never runs backwards here.
  const sinceViewMs = Math.max(0, machineNow - state.receivedAt);
  return {
    fleet: state.view,
    now: Date.parse(state.view.now) + sinceViewMs,
    sinceViewMs,
    isLive: state.phase === "live",
    principal: state.principal,
    client: live.client,
  };
}

const viewTitles = {
  fleet: "Fleet",
  rollout: "Rollout",
  drift: "Drift",
  login: "Log in",
  unknown: "Not found",
} as const;

function useTitle(page: Page | undefined, route: Route) {
  const name = page?.fleet.fleet ?? "";
  const title = [route.cluster, viewTitles[route.view], name, "Wheelhouse"]
    .filter((part) => part !== "")
    .join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
