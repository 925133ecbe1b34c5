import { type Digest, rootBundleName } from "@wheelhouse/assignment";
import {
  type Cluster,
  type FieldSteps,
  type FleetConfig,
  type FluxKustomization,
  type Problem,
  type SourceLocation,
  type SourceTree,
} from "@wheelhouse/fleet-model";
import { artifactTree } from "./artifact-tree.ts";
import { type KnownValues, exposedConfigMaps } from "./bundle-variables.ts";
import {
  type ExploredBundle,
  type FoundBundle,
  attribute,
  heldFor,
} from "./explored-bundle.ts";
import { type RenderRequest, type RenderResults } from "./render-request.ts";
import { rootBundle } from "./root-bundle.ts";
import {
  type KnownSources,
  type SourceResolver,
  sourceKey,
} from "./source-trees.ts";

/** What exploring a cluster's root came to. */
export interface Exploration {
  readonly bundles: ReadonlyMap<string, ExploredBundle>;
  /** Renders still wanted; where there are any, the rest is not final. */
  readonly requests: readonly RenderRequest[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** The bundle that stands for the root under its own name, where the root refers to itself. */
  readonly selfName: string | undefined;
}

/** What is explored, and with which renders. */
export interface ExploreInput {
  readonly tree: SourceTree;
  readonly cluster: Cluster;
  /** All of the fleet: a selector that matches none of them is worth a word. */
  readonly clusters: readonly Cluster[];
  readonly config: FleetConfig;
  readonly rootPath: string;
  readonly renders: RenderResults;
  /** The files of sources outside the fleet repo; absent: none is at hand. */
  readonly resolveSource?: SourceResolver;
  /**
   * What becomes of things that Git does not hold: values that exist only in
   * the cluster, encrypted ones, remote bases. `held` holds the bundle; `empty`
   * goes on as if there were none, which is for looking and never for applying.
   */
  readonly absent?: "held" | "empty";
}

/** What a root that refers to itself, or whose source leaves files out, is found to be. */
export interface FoundRoot {
  readonly self: FluxKustomization | undefined;
  readonly faults: readonly Problem[];
  readonly isUncertain: boolean;
  /** Ignore patterns of the source object that stands for the fleet repo. */
  readonly ignore: string;
}

/** An exploration under way; every part of it is added to, nothing is taken back. */
export interface ExplorationState {
  readonly input: ExploreInput;
  readonly self: FluxKustomization | undefined;
  readonly bundles: Map<string, ExploredBundle>;
  readonly requests: Map<Digest, RenderRequest>;
  readonly problems: Problem[];
  readonly warnings: Problem[];
  readonly configMaps: KnownValues;
  readonly sources: KnownSources;
  readonly queue: FoundBundle[];
  readonly queued: Set<string>;
  /** The root's own object, once it is found in the root. */
  foundSelf: Omit<FoundRoot, "ignore"> | undefined;
}

/** Begins an exploration at the root, with what is known of it. */
export function createState(
  input: ExploreInput,
  found: FoundRoot,
): ExplorationState {
  const { cluster, rootPath, tree, resolveSource } = input;
  const bootstrap = ["GitRepository", "OCIRepository"].map(
    (kind) => `${kind}/flux-system/flux-system`,
  );
  const own = found.self === undefined ? [] : [sourceKey(found.self.sourceRef)];
  return {
    input,
    self: found.self,
    bundles: new Map(),
    requests: new Map(),
    problems: [],
    warnings: [],
    configMaps: exposedConfigMaps(cluster),
    sources: {
      found: new Map(),
      made: new Map(),
      fleet: new Set([...bootstrap, ...own]),
      fleetTree: artifactTree(tree, found.ignore),
      resolve: resolveSource ?? (() => undefined),
    },
    queue: [{ ...rootBundle(cluster, rootPath, found.self), ...found }],
    queued: new Set([rootBundleName]),
    foundSelf: undefined,
  };
}

/** Holds a bundle for its problems, which become the cluster's. */
export function holdBundle(
  state: ExplorationState,
  bundle: FoundBundle,
  problems: readonly Problem[],
  rest: Pick<ExploredBundle, "isExplored"> &
    Partial<Pick<ExploredBundle, "lateReferences" | "rendered" | "manifests">>,
): void {
  const own = [...bundle.faults, ...problems].map((problem) =>
    attribute(problem, bundle, ["spec", "path"]),
  );
  state.problems.push(...own);
  state.bundles.set(bundle.name, {
    ...bundle,
    objects: [],
    rendered: [],
    manifests: [],
    lateReferences: [],
    held: heldFor(own),
    ...rest,
  });
}

/** Where a field of a bundle stands, as a part of a problem. */
export function locationOf(
  bundle: FoundBundle,
  path: FieldSteps,
): { readonly location?: SourceLocation } {
  const location = bundle.locate(path);
  return location === undefined ? {} : { location };
}
