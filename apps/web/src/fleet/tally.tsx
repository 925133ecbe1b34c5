import { type ClusterView } from "@wheelhouse/rest-api";
import { Link } from "../route/navigation.tsx";
import { type Route } from "../route/route.ts";
import { Sign } from "../verdict/sign.tsx";
import { verdictMeanings } from "../verdict/verdict.ts";
import { tallyVerdicts } from "./fleet-rows.ts";

/** How many clusters have which verdict, of how many; each a filter. */
export function Tally(props: {
  readonly route: Route;
  readonly clusters: readonly ClusterView[];
}) {
  const { route, clusters } = props;
  return (
    <ul className="tally" aria-label="Clusters by verdict">
      {tallyVerdicts(clusters).map(({ verdict, clusters: number }) => {
        const word = verdict.toLowerCase();
        const isChosen = route.filter === word;
        return (
          <li key={verdict}>
            <Link
              to={{ ...route, filter: isChosen ? "" : word }}
              className={`tally-link is-${word}`}
              title={verdictMeanings[verdict]}
              aria-current={isChosen ? "true" : undefined}
            >
              <Sign verdict={verdict} />
              <span className="tally-number">
                {number.toLocaleString("en")}/
                {clusters.length.toLocaleString("en")}
              </span>{" "}
              {verdict}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
