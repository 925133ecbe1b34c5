import { type ClusterView } from "@wheelhouse/rest-api";
import { useEffect, useRef } from "react";
import { DriftTable } from "../drift/drift-table.tsx";
import { writeLedger } from "../drift/ledger.ts";
import { PruneHolds } from "../drift/prune-holds.tsx";
import { refusalFor } from "../hub/permissions.ts";
import { usePage } from "../hub/page-context.tsx";
import { Link } from "../route/navigation.tsx";
import { type Route } from "../route/route.ts";
import { ConfirmButton } from "../shell/confirm.tsx";
import { CloseIcon } from "../shell/icons.tsx";
import { formatAge } from "../time/age.ts";
import { count } from "../verdict/names.ts";
import { Verdict } from "../verdict/sign.tsx";
import { AssignmentFacts } from "./assignment-facts.tsx";
import { BundleList } from "./bundle-list.tsx";
import { RepointProof } from "./repoint-proof.tsx";
import { SpokeFacts } from "./spoke-facts.tsx";

/** The width up to which the panel stands in place of the view, as the style sheets have it. */
const panelAloneQuery = "(max-width: 1080px)";

/** One cluster, beside the view from which it was opened. */
export function ClusterPanel({ route }: { readonly route: Route }) {
  const { fleet } = usePage();
  const panel = useRef<HTMLElement>(null);
  useReturnOfFocus(panel);
  const cluster = fleet.clusters.find(({ name }) => name === route.cluster);
  return (
    <section
      ref={panel}
      className="panel"
      tabIndex={-1}
      aria-label={`Cluster ${route.cluster}`}
    >
      <Link
        className="panel-close"
        aria-label="Close"
        to={{ ...route, cluster: "", bundle: "" }}
      >
        <CloseIcon />
      </Link>
      {cluster === undefined ? (
        <>
          <h1>{route.cluster}</h1>
          <p>
            No cluster of this name is in the fleet. It may have been removed.
          </p>
        </>
      ) : (
        <ClusterDetail cluster={cluster} route={route} />
      )}
    </section>
  );
}

/** The panel takes the focus when it opens, and gives it back to where one was. Where it stands in place of the view, it begins at its top, however far that was scrolled. */
function useReturnOfFocus(panel: React.RefObject<HTMLElement | null>) {
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    if (matchMedia(panelAloneQuery).matches) panel.current?.scrollIntoView();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [panel]);
}

function ClusterDetail(props: {
  readonly cluster: ClusterView;
  readonly route: Route;
}) {
  const { cluster, route } = props;
  const { fleet, now } = usePage();
  const drift = fleet.drift.filter((record) => record.cluster === cluster.name);
  const prunes = fleet.prunes.filter((hold) => hold.cluster === cluster.name);
  return (
    <>
      <header className="panel-head">
        <h1>{cluster.name}</h1>
        <p>
          <Verdict verdict={cluster.verdict} />{" "}
          <span className="faint">
            for {formatAge(cluster.since, now)}
            {cluster.wave !== "" && ` · wave ${cluster.wave}`}
            {cluster.suspended && " · suspended"}
          </span>
        </p>
        {cluster.message !== "" && (
          <p className="panel-message">{cluster.message}</p>
        )}
        <Labels cluster={cluster} />
        <ClusterActions cluster={cluster} />
      </header>
      {cluster.repoint !== null && <RepointProof repoint={cluster.repoint} />}
      <AssignmentFacts cluster={cluster} />
      <section>
        <h2>
          Bundles <span className="faint">in order of application</span>
        </h2>
        {cluster.bundles.length === 0 ? (
          <p className="faint">
            Nothing is assigned yet. {count(0, "bundle")}.
          </p>
        ) : (
          <BundleList cluster={cluster} chosen={route.bundle} />
        )}
      </section>
      {drift.length > 0 && (
        <section className="panel-ledger">
          <h2>Drift</h2>
          <DriftTable lines={writeLedger(drift)} route={route} />
        </section>
      )}
      {prunes.length > 0 && <PruneHolds prunes={prunes} route={route} />}
      <SpokeFacts cluster={cluster} />
    </>
  );
}

function Labels({ cluster }: { readonly cluster: ClusterView }) {
  const labels = Object.entries(cluster.labels);
  if (labels.length === 0) return null;
  return (
    <ul className="labels" aria-label="Labels">
      {labels.map(([key, value]) => (
        <li key={key}>
          <Link
            to={{
              view: "fleet",
              filter: `${key}=${value}`,
              cluster: cluster.name,
              bundle: "",
              group: "wave",
              sort: "name",
              rollout: "",
              code: "",
            }}
          >
            {key}={value}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function ClusterActions({ cluster }: { readonly cluster: ClusterView }) {
  const { client, principal } = usePage();
  const refusal = refusalFor(principal);
  const { name, suspended } = cluster;
  return (
    <div className="panel-actions">
      <ConfirmButton
        label="Reconcile"
        question={`Reconcile ${name} now? Its spoke looks at every bundle again; with nothing to do it writes nothing.`}
        refusal={refusal}
        act={() => client.reconcile({ cluster: name })}
      />
      {suspended ? (
        <ConfirmButton
          label="Resume"
          question={`Resume ${name}? It follows the fleet again.`}
          refusal={refusal}
          act={() => client.resume({ cluster: name })}
        />
      ) : (
        <ConfirmButton
          label="Suspend"
          question={`Suspend ${name}? It gets no new assignment until it is resumed.`}
          refusal={refusal}
          act={() => client.suspend({ cluster: name })}
        />
      )}
      {refusal !== "" && <p className="faint refusal">{refusal}</p>}
    </div>
  );
}
