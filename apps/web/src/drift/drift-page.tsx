import { useMemo, useState } from "react";
import { usePage } from "../hub/page-context.tsx";
import { Link } from "../route/navigation.tsx";
import { type Route } from "../route/route.ts";
import { Empty } from "../shell/empty.tsx";
import { count } from "../verdict/names.ts";
import { DriftTable } from "./drift-table.tsx";
import { selectDriftLines } from "./ledger.ts";
import { PruneHolds } from "./prune-holds.tsx";

/** Lines drawn at once: more come on demand, so that a storm of drift does not stall the page. */
const lineStep = 200;

/** The ledger of drift over the fleet, and the deletions that wait for a person. */
export function DriftPage({ route }: { readonly route: Route }) {
  const { drift, prunes } = usePage().fleet;
  const [shown, setShown] = useState(lineStep);
  const lines = useMemo(
    () => selectDriftLines(drift, route.filter),
    [drift, route.filter],
  );
  const open = lines.filter(
    ({ record }) => record.state === "open" || record.state === "blocked",
  ).length;
  return (
    <div className="drift">
      <h1>
        Drift{" "}
        {lines.length > 0 && (
          <span className="faint">
            {count(lines.length, "field")}, {open} not settled
          </span>
        )}
      </h1>
      {drift.length === 0 ? (
        <NoDrift />
      ) : lines.length === 0 ? (
        <Empty title={`Nothing fits “${route.filter}”`}>
          <Link to={{ ...route, filter: "" }}>Show all drift</Link>
        </Empty>
      ) : (
        <DriftTable lines={lines.slice(0, shown)} route={route} />
      )}
      {lines.length > shown && (
        <button type="button" onClick={() => setShown(shown + lineStep)}>
          {(lines.length - shown).toLocaleString("en")} more
        </button>
      )}
      {prunes.length > 0 && <PruneHolds prunes={prunes} route={route} />}
    </div>
  );
}

function NoDrift() {
  return (
    <Empty
      title="No drift"
      command="kubectl set image deployment/NAME '*=other:v2'"
    >
      Every cluster runs what was applied to it. To see one appear, change a
      field that Git names of an object that a bundle owns: it stands here
      within a second, with who wrote it, and how it was healed.
    </Empty>
  );
}
