import { type Digest } from "@wheelhouse/assignment";
import {
  type Cluster,
  type FieldSteps,
  type FleetConfig,
  type FluxKustomization,
  type Problem,
  type SourceLocation,
  type SourceTree,
} from "@wheelhouse/fleet-model";
import { type KnownConfigMaps } from "./bundle-variables.ts";
import {
  type ExploredBundle,
  type FoundBundle,
  attribute,
  heldFor,
} from "./explored-bundle.ts";
import { type RenderRequest, type RenderResults } from "./render-request.ts";

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
}

/** An exploration under way; every part of it is added to, nothing is taken back. */
export interface ExplorationState {
  readonly input: ExploreInput;
  readonly self: FluxKustomization | undefined;
  readonly bundles: Map<string, ExploredBundle>;
  readonly requests: Map<Digest, RenderRequest>;
  readonly problems: Problem[];
  readonly warnings: Problem[];
  readonly configMaps: KnownConfigMaps;
  readonly queue: FoundBundle[];
  readonly queued: Set<string>;
  /** What a root that refers to itself is found to be. */
  foundSelf: FluxKustomization | undefined;
}

/** Holds a bundle for its problems, which become the cluster's. */
export function holdBundle(
  state: ExplorationState,
  bundle: FoundBundle,
  problems: readonly Problem[],
  rest: Pick<ExploredBundle, "isExplored"> &
    Partial<Pick<ExploredBundle, "lateReferences">>,
): void {
  const own = problems.map((problem) =>
    attribute(problem, bundle, ["spec", "path"]),
  );
  state.problems.push(...own);
  state.bundles.set(bundle.name, {
    ...bundle,
    objects: [],
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
