import { type Problem } from "@wheelhouse/fleet-model";
import { type Exploration, type ExploreInput } from "./exploration-state.ts";
import { exploreBundles } from "./explore-bundles.ts";
import { type RenderRequest } from "./render-request.ts";
import { rootPathOf } from "./root-bundle.ts";
import { type CompileInput } from "./compile-cluster.ts";

/** How far the exploration of a cluster has come. */
export type ExploredCluster =
  | { readonly kind: "noRoot"; readonly problem: Problem }
  | {
      readonly kind: "needsRenders";
      readonly requests: readonly RenderRequest[];
    }
  | { readonly kind: "explored"; readonly exploration: Exploration };

/** Explores a cluster from its root, as far as the renders reach. */
export function exploreCluster(
  input: CompileInput & Pick<ExploreInput, "absent">,
): ExploredCluster {
  const { fleet, cluster, ...rest } = input;
  const root = rootPathOf(cluster, fleet.config);
  if (!root.ok) return { kind: "noRoot", problem: root.problem };
  const exploration = exploreBundles({
    ...rest,
    cluster,
    clusters: fleet.clusters,
    config: fleet.config,
    rootPath: root.path,
  });
  const { requests } = exploration;
  return requests.length > 0
    ? { kind: "needsRenders", requests }
    : { kind: "explored", exploration };
}
