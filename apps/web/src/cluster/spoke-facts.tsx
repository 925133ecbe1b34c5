import { type ClusterView } from "@wheelhouse/rest-api";
import { reportsNow, usePage } from "../hub/page-context.tsx";
import { formatAge, formatDistance } from "../time/age.ts";

/** The spoke in the cluster: whether it is heard, what it runs on, and how long its certificate lasts. */
export function SpokeFacts({ cluster }: { readonly cluster: ClusterView }) {
  const page = usePage();
  const { now } = page;
  const { spoke } = cluster;
  const heard =
    spoke.lastHeard === null
      ? "not since the hub started"
      : `${formatAge(spoke.lastHeard, reportsNow(page, cluster))} ago`;
  return (
    <section>
      <h2>
        Spoke{" "}
        <span className="faint">
          {spoke.connected ? "connected" : "not connected"}
        </span>
      </h2>
      {spoke.suspectedClone && (
        <p className="callout is-halted">
          Two clusters seem to act with this identity. Repoint the cluster to
          give it a new one: wheelhouse cluster repoint {cluster.name}
        </p>
      )}
      <dl className="pairs">
        <dt>Heard</dt>
        <dd>{heard}</dd>
        <dt>Kubernetes</dt>
        <dd>{spoke.kubeVersion === "" ? "-" : spoke.kubeVersion}</dd>
        <dt>Version</dt>
        <dd>{spoke.version === "" ? "-" : spoke.version}</dd>
        <dt>Certificate ends</dt>
        <dd>
          {spoke.certificateNotAfter === null
            ? "-"
            : formatDistance(spoke.certificateNotAfter, now)}
        </dd>
        <dt>Known from</dt>
        <dd>{cluster.source === "git" ? "Git" : "the API only"}</dd>
        <dt>uid</dt>
        <dd>
          <code>{cluster.uid === "" ? "-" : cluster.uid}</code>
        </dd>
      </dl>
    </section>
  );
}
