import {
  type RenderPort,
  type ResolvedBundle,
  type SourceResolver,
} from "@wheelhouse/compile";
import {
  type Cluster,
  type FleetConfig,
  type Problem,
  type SourceTree,
  defaultFleetConfig,
  parseFleet,
} from "@wheelhouse/fleet-model";
import { errorText } from "@wheelhouse/kube-object";
import {
  type KnownRenders,
  renderThrough,
  resolveClusters,
} from "@wheelhouse/render";

/** What one root came to. */
export interface ResolvedRoot {
  readonly root: string;
  readonly bundles: readonly ResolvedBundle[];
  /** What Flux has and we have not: held by name, though it builds. */
  readonly unsupported: readonly Problem[];
  /** What cannot be built. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly seconds: number;
}

/** What is resolved, and with what. */
export interface RootsInput {
  readonly tree: SourceTree;
  /** Directories of the repository; empty: what the repository says. */
  readonly roots: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly resolveSource: SourceResolver;
  readonly port: RenderPort;
  /** Seconds since any moment. */
  readonly clock: () => number;
}

/** Resolves each root as a cluster of its own; equal inputs are rendered once. A bundle that cannot be rendered is named, and the others go on. */
export async function resolveRoots({
  tree,
  roots,
  variables,
  resolveSource,
  port,
  clock,
}: RootsInput): Promise<readonly ResolvedRoot[]> {
  const { clusters, config } = clustersOf(tree, roots, variables);
  const fleet = { clusters, rollouts: [], config };
  const renders: KnownRenders = new Map();
  const render = renderThrough(tolerant(port));
  const resolved: ResolvedRoot[] = [];
  for (const cluster of clusters) {
    const began = clock();
    const found = await resolveClusters({
      ...{ tree, fleet, clusters: [cluster], resolveSource, render, renders },
    });
    const problems = found.flatMap((one) => one.problems);
    resolved.push({
      root: cluster.path ?? cluster.name,
      bundles: found.flatMap(({ bundles }) => bundles),
      unsupported: problems.filter(isUnsupported),
      errors: problems.filter((problem) => !isUnsupported(problem)),
      warnings: found.flatMap(({ warnings }) => warnings),
      seconds: clock() - began,
    });
  }
  return resolved;
}

/** What the machine refuses one render, such as a name that is too long for it, is that bundle's failure. */
function tolerant(port: RenderPort): RenderPort {
  return {
    render: async (request, options) => {
      try {
        return await port.render(request, options);
      } catch (error) {
        const message = errorText(error);
        return { ok: false, message };
      }
    },
  };
}

/** Whether a problem holds a bundle that builds: what it names is a field or a kind. */
function isUnsupported({ reason, message }: Problem): boolean {
  switch (reason) {
    case "NotBuiltYet":
    case "OtherAccount":
    case "OtherCluster":
    case "ParentUncertain":
      return true;
    case "UnknownField":
      return message.includes("spec.");
    default:
      return false;
  }
}

interface Fleet {
  readonly clusters: readonly Cluster[];
  readonly config: FleetConfig;
}

/** The clusters: of the roots given, else of the Cluster objects, else one for each directory of `clusters`. */
function clustersOf(
  tree: SourceTree,
  roots: readonly string[],
  variables: Cluster["variables"],
): Fleet {
  const parsed = parseFleet(tree);
  const config = parsed.ok ? parsed.fleet.config : defaultFleetConfig;
  const known = parsed.ok ? parsed.fleet.clusters : [];
  if (roots.length === 0 && known.length > 0) {
    const clusters = known.map((cluster) => ({
      ...cluster,
      variables: { ...cluster.variables, ...variables },
    }));
    return { clusters, config };
  }
  const directories = tree
    .list("clusters")
    .filter(({ kind }) => kind === "directory")
    .map(({ path }) => path);
  const paths = roots.length > 0 ? roots : directories;
  return {
    clusters: paths.map((path) => clusterOf(path, variables)),
    config,
  };
}

function clusterOf(path: string, variables: Cluster["variables"]): Cluster {
  const name = path.replace(/\/+$/, "").split("/").at(-1) ?? path;
  return {
    name,
    source: "git",
    labels: {},
    path,
    variables,
    exposeVariablesAs: [],
    suspend: false,
    revokedUids: [],
    location: { file: path },
  };
}
