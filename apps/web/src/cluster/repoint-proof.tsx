import { type RepointView } from "@wheelhouse/rest-api";
import { usePage } from "../hub/page-context.tsx";
import { CheckIcon } from "../shell/icons.tsx";
import { formatAge, formatDuration } from "../time/age.ts";
import { bundleName, shortId } from "../verdict/names.ts";

/** A cluster that took a dead one's place: the proof that it is the same, and the time that it took. */
export function RepointProof({ repoint }: { readonly repoint: RepointView }) {
  const { now } = usePage();
  const { startedAt, readyAt, formerRoot, root, sameRoot, differing } = repoint;
  const time =
    readyAt === null
      ? `coming up for ${formatAge(startedAt, now)}`
      : `recovered in ${formatDuration(Date.parse(readyAt) - Date.parse(startedAt))}`;
  return (
    <section className="proof">
      <h2>
        Replacement <span className="faint">{time}</span>
      </h2>
      <p>
        <code title={formerRoot ?? ""}>{shortId(formerRoot)}</code>
        {sameRoot ? " = " : " ≠ "}
        <code title={root ?? ""}>{shortId(root)}</code>{" "}
        {sameRoot ? (
          <span className="verdict is-converged">
            <CheckIcon /> the same root as the dead cluster’s last confirmed
          </span>
        ) : (
          <span className="faint">
            {root === null
              ? "nothing is acknowledged yet"
              : "differs from the dead cluster’s last confirmed"}
          </span>
        )}
      </p>
      {differing.length > 0 && (
        <p>Bundles that differ: {differing.map(bundleName).join(", ")}</p>
      )}
      <p className="faint">
        former incarnation <code>{repoint.formerUid}</code>
      </p>
    </section>
  );
}
