import { type ClusterView } from "@wheelhouse/rest-api";
import { count } from "../verdict/names.ts";
import { tallyVerdicts } from "./fleet-rows.ts";
import { sumObjects } from "./object-sum.ts";

/** The whole fleet in two numbers and a bar: who is as it should be, and how the others divide. */
export function FleetHealth({
  clusters,
}: {
  readonly clusters: readonly ClusterView[];
}) {
  const tally = tallyVerdicts(clusters);
  const converged =
    tally.find(({ verdict }) => verdict === "Converged")?.clusters ?? 0;
  const { bundles, ready, total } = sumObjects(clusters);
  return (
    <div className="health">
      <span className="label">Clusters</span>
      <p className="health-number">
        {converged.toLocaleString("en")}/{clusters.length.toLocaleString("en")}{" "}
        Converged
      </p>
      <span className="health-bar" aria-hidden="true">
        {[...tally].reverse().map(({ verdict, clusters: number }) => (
          <span
            key={verdict}
            className={`is-${verdict.toLowerCase()}`}
            style={{ flexGrow: number }}
          />
        ))}
      </span>
      <p className="faint health-objects">
        {ready.toLocaleString("en")}/{count(total, "object")} Ready, in{" "}
        {count(bundles, "bundle")}
      </p>
    </div>
  );
}
