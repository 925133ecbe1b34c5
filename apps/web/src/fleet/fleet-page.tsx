import { type ClusterView } from "@wheelhouse/rest-api";
import { useMemo } from "react";
import { DriftTable } from "../drift/drift-table.tsx";
import { selectDriftLines } from "../drift/ledger.ts";
import { usePage } from "../hub/page-context.tsx";
import { Link, navigate } from "../route/navigation.tsx";
import { home, type Route } from "../route/route.ts";
import { RevisionCard } from "../rollout/revision-card.tsx";
import { RolloutStrip } from "../rollout/rollout-strip.tsx";
import { Empty } from "../shell/empty.tsx";
import { count } from "../verdict/names.ts";
import { FleetHealth } from "./fleet-health.tsx";
import { selectClusters } from "./fleet-filter.ts";
import {
  arrangeRows,
  bundleColumns,
  groupingLabels,
  waveOrder,
} from "./fleet-rows.ts";
import { Matrix } from "./matrix.tsx";
import { Tally } from "./tally.tsx";

/** Lines of the newest drift beneath the matrix: a look, not the ledger. */
const driftLines = 5;

/** The fleet at one look: revision, rollout, matrix, and what drifted last. */
export function FleetPage({ route }: { readonly route: Route }) {
  const { fleet, now } = usePage();
  const { clusters } = fleet;
  const shown = useMemo(
    () => selectClusters(clusters, route.filter),
    [clusters, route.filter],
  );
  return (
    <div className="fleet">
      <h1 className="unseen">Fleet {fleet.fleet}</h1>
      <section className="summary" aria-label="Revision, clusters and rollout">
        <RevisionCard />
        {clusters.length > 0 && <FleetHealth clusters={clusters} />}
        {fleet.rollouts.map((rollout) => (
          <RolloutStrip key={rollout.name} rollout={rollout} />
        ))}
      </section>
      {clusters.length === 0 ? (
        <NoClusters />
      ) : (
        <>
          <Toolbar route={route} shown={shown} />
          <FleetMatrix route={route} shown={shown} />
        </>
      )}
      <NewestDrift now={now} route={route} />
    </div>
  );
}

function NoClusters() {
  return (
    <Empty
      title="No cluster has joined yet"
      command="wheelhouse cluster add staging-1"
    >
      Add one: the command prints a token that works once, and the line that
      starts the spoke in the cluster. It appears here as soon as it dials in.
    </Empty>
  );
}

function Toolbar(props: {
  readonly route: Route;
  readonly shown: readonly ClusterView[];
}) {
  const { route, shown } = props;
  const { clusters } = usePage().fleet;
  const labels = useMemo(() => groupingLabels(clusters), [clusters]);
  return (
    <div className="toolbar">
      <Tally route={route} clusters={clusters} />
      <span className="toolbar-end">
        {shown.length !== clusters.length && (
          <span className="faint" role="status">
            {shown.length} of {count(clusters.length, "cluster")}
          </span>
        )}
        <label className="choice">
          <span>Group</span>
          <select
            value={route.group}
            onChange={(event) =>
              navigate({ ...route, group: event.target.value }, "replace")
            }
          >
            <option value="wave">wave</option>
            {labels.map((label) => (
              <option key={label} value={label}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label className="choice">
          <span>Sort</span>
          <select
            value={route.sort}
            onChange={(event) =>
              navigate(
                {
                  ...route,
                  sort: event.target.value === "worst" ? "worst" : "name",
                },
                "replace",
              )
            }
          >
            <option value="name">name</option>
            <option value="worst">worst first</option>
          </select>
        </label>
      </span>
    </div>
  );
}

function FleetMatrix(props: {
  readonly route: Route;
  readonly shown: readonly ClusterView[];
}) {
  const { route, shown } = props;
  const { fleet } = usePage();
  const rows = useMemo(
    () =>
      arrangeRows(shown, {
        group: route.group,
        sort: route.sort,
        waves: waveOrder(fleet),
      }),
    [shown, route.group, route.sort, fleet],
  );
  const columns = useMemo(() => bundleColumns(fleet.clusters), [fleet]);
  if (shown.length === 0) {
    return (
      <Empty title={`Nothing fits “${route.filter}”`}>
        The filter looks at names, waves, labels such as env=production,
        verdicts, roots and commits.{" "}
        <Link to={{ ...route, filter: "" }}>Show all clusters</Link>
      </Empty>
    );
  }
  return <Matrix route={route} rows={rows} columns={columns} />;
}

function NewestDrift(props: { readonly now: number; readonly route: Route }) {
  const { drift } = usePage().fleet;
  const lines = useMemo(() => selectDriftLines(drift, ""), [drift]);
  if (lines.length === 0) return null;
  return (
    <section className="newest-drift">
      <h2>
        Newest drift{" "}
        <Link to={{ ...home, view: "drift" }}>
          {lines.length > driftLines ? `all ${lines.length}` : "ledger"}
        </Link>
      </h2>
      <DriftTable lines={lines.slice(0, driftLines)} route={props.route} />
    </section>
  );
}
