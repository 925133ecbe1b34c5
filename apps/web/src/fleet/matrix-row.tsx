import { type BundleView, type ClusterView } from "@wheelhouse/rest-api";
import { reportsNow, usePage } from "../hub/page-context.tsx";
import { isBehind } from "../rollout/fleet-standing.ts";
import { computeFading, formatAge } from "../time/age.ts";
import { count, shortId } from "../verdict/names.ts";
import { Sign } from "../verdict/sign.tsx";
import { describeBundle, describeCluster } from "./cell-sentence.ts";
import { type FleetRow, tallyVerdicts } from "./fleet-rows.ts";
import { placeTip, type TipPlace } from "./tip.tsx";

/** The heading of a group: its name, how many clusters, and their verdicts where not all are Converged. */
export function GroupRow(props: {
  readonly row: Extract<FleetRow, { kind: "group" }>;
  readonly index: number;
  readonly group: string;
}) {
  const { row, index, group } = props;
  const isWave = group === "wave";
  const none = isWave ? "no wave" : `no ${group}`;
  return (
    <div role="row" aria-rowindex={index + 2} className="matrix-row is-group">
      <div role="rowheader" className="group-head">
        <span className="group-title">
          {row.title === "" ? none : row.title}
        </span>
        <span className="faint">{count(row.clusters.length, "cluster")}</span>
        <span className="group-tally">
          {tallyVerdicts(row.clusters).map(({ verdict, clusters }) => (
            <span key={verdict} title={`${clusters} ${verdict}`}>
              <Sign verdict={verdict} />
              {clusters}
              <span className="unseen"> {verdict}</span>
            </span>
          ))}
        </span>
      </div>
    </div>
  );
}

/** One cluster: what it is in front, a cell for each bundle behind. */
export function ClusterRow(props: {
  readonly cluster: ClusterView;
  readonly index: number;
  readonly columns: readonly string[];
  readonly cursorColumn: number | null;
  readonly isOpen: boolean;
  readonly onOpen: (column: number) => void;
  readonly onTip: (tip: TipPlace | null) => void;
}) {
  const { cluster, columns, cursorColumn, onTip } = props;
  const page = usePage();
  const { now } = page;
  const heard = reportsNow(page, cluster);
  const bundles = new Map(
    cluster.bundles.map((bundle) => [bundle.bundle, bundle]),
  );
  const sentence = describeCluster(cluster, { now, heard });
  const fading = computeFading(cluster.spoke.lastHeard, heard);
  const tabIndex = (column: number) => (column === cursorColumn ? 0 : -1);
  const cellProps = (column: number, sentence: string) => ({
    tabIndex: tabIndex(column),
    onClick: () => props.onOpen(column),
    onPointerEnter: (event: React.PointerEvent) => {
      if (event.pointerType !== "touch") {
        onTip(placeTip(event.currentTarget, sentence));
      }
    },
    onPointerLeave: () => onTip(null),
    onFocus: (event: React.FocusEvent) => {
      if (event.currentTarget.matches(":focus-visible")) {
        onTip(placeTip(event.currentTarget, sentence));
      }
    },
    onBlur: () => onTip(null),
  });
  return (
    <div
      role="row"
      aria-rowindex={props.index + 2}
      aria-selected={props.isOpen}
      className={`matrix-row is-cluster fading-${fading}`}
    >
      <div
        role="rowheader"
        className="cluster-head"
        {...cellProps(0, sentence)}
      >
        <span className="unseen">{sentence}</span>
        <ClusterHead cluster={cluster} now={now} />
      </div>
      {columns.map((name, index) => {
        const bundle = bundles.get(name);
        const text =
          bundle === undefined
            ? `${cluster.name} does not have this bundle.`
            : describeBundle(cluster, bundle, { now, heard });
        const look =
          bundle === undefined
            ? "is-absent"
            : `is-${bundle.verdict.toLowerCase()}`;
        return (
          <div
            key={name}
            role="gridcell"
            className={`cell ${look}`}
            {...cellProps(index + 1, text)}
          >
            <span className="unseen">{text}</span>
            {bundle !== undefined && (
              <CellBody bundle={bundle} cluster={cluster} now={now} />
            )}
          </div>
        );
      })}
    </div>
  );
}

function ClusterHead(props: {
  readonly cluster: ClusterView;
  readonly now: number;
}) {
  const { cluster, now } = props;
  const { fleet } = usePage();
  const commit = cluster.assignment?.commit ?? null;
  const isLate = isBehind(fleet.rollouts, cluster);
  // A cluster that never joined is nothing to be alarmed about.
  const looks = cluster.phase === "Pending" ? "Stale" : cluster.verdict;
  return (
    <>
      <span aria-hidden="true" className={`col-name is-${looks.toLowerCase()}`}>
        <Sign verdict={looks} />
        <span className="cluster-name">{cluster.name}</span>
      </span>
      <span
        aria-hidden="true"
        className={`col-verdict is-${looks.toLowerCase()}`}
      >
        <span className="verdict-word">
          {cluster.phase === "Pending" ? "Never joined" : cluster.verdict}
        </span>{" "}
        <span className="faint">{formatAge(cluster.since, now)}</span>
      </span>
      <span
        aria-hidden="true"
        className={isLate ? "col-commit is-behind" : "col-commit"}
      >
        {shortId(commit)}
      </span>
      <span aria-hidden="true" className="col-root">
        {shortId(cluster.assignment?.root ?? null)}
      </span>
    </>
  );
}

function CellBody(props: {
  readonly bundle: BundleView;
  readonly cluster: ClusterView;
  readonly now: number;
}) {
  const { bundle, cluster, now } = props;
  const { ready, total } = bundle.objects;
  const commit = cluster.assignment?.commit ?? bundle.commit;
  return (
    <span aria-hidden="true" className="cell-body">
      <Sign verdict={bundle.verdict} />
      {ready < total && (
        <span className="cell-count">
          {ready}/{total}
        </span>
      )}
      {bundle.commit !== commit && (
        <span className="cell-commit">{shortId(bundle.commit)}</span>
      )}
      <span className="cell-age">{formatAge(bundle.since, now)}</span>
    </span>
  );
}
