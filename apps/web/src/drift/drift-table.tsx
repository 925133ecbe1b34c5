import { type DriftView, type VerdictName } from "@wheelhouse/rest-api";
import { usePage } from "../hub/page-context.tsx";
import { Link } from "../route/navigation.tsx";
import { type Route } from "../route/route.ts";
import { formatAge } from "../time/age.ts";
import { bundleName, count } from "../verdict/names.ts";
import { Sign } from "../verdict/sign.tsx";
import { driftStateMeanings, type LedgerLine } from "./ledger.ts";

/** Each state looks like the verdict that it leaves behind. */
const looks: Readonly<Record<DriftView["state"], VerdictName>> = {
  open: "Drifted",
  healed: "Converged",
  reported: "Stale",
  blocked: "Held",
};

/** Lines of the ledger as a table; on a phone each line is a card. */
export function DriftTable(props: {
  readonly lines: readonly LedgerLine[];
  readonly route: Route;
}) {
  return (
    <table className="ledger">
      <thead>
        <tr>
          <th scope="col">Cluster</th>
          <th scope="col">Object</th>
          <th scope="col">Field</th>
          <th scope="col">Wanted → found</th>
          <th scope="col">Writer</th>
          <th scope="col">Since</th>
          <th scope="col" className="is-number">
            Times
          </th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {props.lines.map((line) => (
          <DriftRow key={line.key} line={line} route={props.route} />
        ))}
      </tbody>
    </table>
  );
}

function DriftRow(props: { readonly line: LedgerLine; readonly route: Route }) {
  const { line, route } = props;
  const { now } = usePage();
  const { record } = line;
  return (
    <tr>
      <td data-label="Cluster">
        <Link to={{ ...route, cluster: record.cluster, bundle: record.bundle }}>
          {record.cluster}
        </Link>
        {line.sameOn > 1 && (
          <span className="faint same-on">
            {" "}
            same on {count(line.sameOn, "cluster")}
          </span>
        )}
      </td>
      <td data-label="Object" title={`bundle ${bundleName(record.bundle)}`}>
        {line.object}
      </td>
      <td data-label="Field">
        <code className="field">{line.field}</code>
      </td>
      <td data-label="Wanted → found">
        <Change wanted={line.wanted} found={line.found} />
      </td>
      <td data-label="Writer">{record.writer ?? "unknown"}</td>
      <td
        data-label="Since"
        title={`first ${record.firstSeen}, last ${record.lastSeen}`}
      >
        {formatAge(record.firstSeen, now)}
      </td>
      <td data-label="Times" className="is-number">
        {record.times.toLocaleString("en")}
      </td>
      <td data-label="State" title={driftStateMeanings[record.state]}>
        <span className={`verdict is-${looks[record.state].toLowerCase()}`}>
          <Sign verdict={looks[record.state]} />
          {record.state}
        </span>
        {record.message !== "" && (
          <span className="faint state-message">{record.message}</span>
        )}
      </td>
    </tr>
  );
}

function Change(props: {
  readonly wanted: string | null;
  readonly found: string | null;
}) {
  const wanted = props.wanted ?? "absent";
  const found = props.found ?? "absent";
  return (
    <span className="change" title={`wanted ${wanted}, found ${found}`}>
      <span className="wanted">{wanted}</span>
      <span aria-hidden="true"> → </span>
      <span className="found">{found}</span>
    </span>
  );
}
