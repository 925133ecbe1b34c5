import { approvalOf, type PruneView } from "@wheelhouse/rest-api";
import { refusalFor } from "../hub/permissions.ts";
import { usePage } from "../hub/page-context.tsx";
import { Link } from "../route/navigation.tsx";
import { type Route } from "../route/route.ts";
import { ConfirmButton } from "../shell/confirm.tsx";
import { bundleName, count, formatObject, shortId } from "../verdict/names.ts";

/** Deletions that the spokes hold until a person approves exactly them. */
export function PruneHolds(props: {
  readonly prunes: readonly PruneView[];
  readonly route: Route;
}) {
  const { prunes, route } = props;
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
      <ApproveAll prunes={prunes.filter(({ approved }) => !approved)} />
    </section>
  );
}

/** Approves exactly what is listed and not approved yet; what came to be held since is not part of it. */
function ApproveAll({ prunes }: { readonly prunes: readonly PruneView[] }) {
  const { client, principal } = usePage();
  if (prunes.length === 0) return null;
  const refusal = refusalFor(principal);
  const clusters = new Set(prunes.map(({ cluster }) => cluster));
  const deletions = count(prunes.length, "deletion");
  return (
    <p className="holds-actions">
      <ConfirmButton
        label={`Approve ${deletions}`}
        isGrave
        question={`Approve ${deletions} on ${count(clusters.size, "cluster")}: ${nameSome(prunes)}? The spokes delete exactly these, and only where the object is still the one that was held. Your name is kept with it.`}
        refusal={refusal}
        act={() => client.approvePrunes(approvalOf(prunes))}
      />
      <span className="faint">
        {refusal === "" ? "Or some of them: wheelhouse prune approve" : refusal}
      </span>
    </p>
  );
}

function nameSome(prunes: readonly PruneView[]): string {
  const named = prunes.slice(0, 3).map(({ object }) => formatObject(object));
  const rest = prunes.length - named.length;
  return rest === 0 ? named.join(", ") : `${named.join(", ")} and ${rest} more`;
}
