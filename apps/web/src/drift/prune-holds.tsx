import { type PruneView } from "@wheelhouse/rest-api";
import { Link } from "../route/navigation.tsx";
import { type Route } from "../route/route.ts";
import { bundleName, formatObject, shortId } from "../verdict/names.ts";

/** Deletions that the spokes hold until a person approves exactly them. */
export function PruneHolds(props: {
  readonly prunes: readonly PruneView[];
  readonly route: Route;
}) {
  const { prunes, route } = props;
  const commits = [
    ...new Set(
      prunes.filter(({ approved }) => !approved).map(({ commit }) => commit),
    ),
  ];
  return (
    <section className="holds">
      <h2>
        Held deletions <span className="faint">{prunes.length}</span>
      </h2>
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">Cluster</th>
            <th scope="col">Object</th>
            <th scope="col">Bundle</th>
            <th scope="col">Commit</th>
            <th scope="col">Why it is held</th>
          </tr>
        </thead>
        <tbody>
          {prunes.map((prune) => (
            <tr key={`${prune.cluster} ${formatObject(prune.object)}`}>
              <td data-label="Cluster">
                <Link to={{ ...route, cluster: prune.cluster, bundle: "" }}>
                  {prune.cluster}
                </Link>
              </td>
              <td data-label="Object">{formatObject(prune.object)}</td>
              <td data-label="Bundle">{bundleName(prune.bundle)}</td>
              <td data-label="Commit">
                <code>{shortId(prune.commit)}</code>
              </td>
              <td data-label="Why it is held">
                {prune.approved
                  ? "approved: about to be deleted"
                  : prune.reason}
                <span className="faint state-message">{prune.message}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {commits.map((commit) => (
        <pre key={commit} className="command">
          wheelhouse prune approve --revision {shortId(commit)}
        </pre>
      ))}
    </section>
  );
}
