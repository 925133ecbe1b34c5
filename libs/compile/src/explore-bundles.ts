import { buildBundle } from "./build-bundle.ts";
import {
  type Exploration,
  type ExplorationState,
  type ExploreInput,
  type FoundRoot,
  createState,
} from "./exploration-state.ts";
import { type FoundBundle } from "./explored-bundle.ts";
import { sourceKey } from "./source-trees.ts";
import { firstOf, isStuck, takeBootstrap } from "./waiting-bundles.ts";

/** Finds and builds every bundle of a cluster, from its root on, as far as the renders reach. */
export function exploreBundles(input: ExploreInput): Exploration {
  const plain = createState(input, {
    self: undefined,
    faults: [],
    isUncertain: false,
    ignore: "",
  });
  buildRoot(plain);
  const found = foundRoot(plain);
  if (found === undefined) return finish(drain(plain));
  return finish(drain(createState(input, found)));
}

function finish(state: ExplorationState): Exploration {
  const { self } = state;
  return {
    bundles: state.bundles,
    requests: [...state.requests.values()],
    problems: state.problems,
    warnings: state.warnings,
    selfName:
      self === undefined
        ? undefined
        : `Kustomization/${self.namespace}/${self.name}`,
  };
}

/** Builds the root alone: what is in it may say how it is built itself. */
function buildRoot(state: ExplorationState): void {
  const root = state.queue.shift();
  if (root !== undefined) buildBundle(state, root, true);
}

/** The root's own object, and what its source leaves out; undefined where the root is as it was taken to be. */
function foundRoot(state: ExplorationState): FoundRoot | undefined {
  const { foundSelf, sources } = state;
  const ref = foundSelf?.self?.sourceRef ?? {
    kind: "GitRepository",
    namespace: "flux-system",
    name: "flux-system",
  };
  const source = sources.found.get(sourceKey(ref));
  const ignore =
    source !== undefined && "ignore" in source ? source.ignore : "";
  if (foundSelf === undefined && ignore === "") return undefined;
  return {
    ...(foundSelf ?? { self: undefined, faults: [], isUncertain: false }),
    ignore,
  };
}

/** Builds what stands in the queue, and what is found on the way, until nothing more can be. */
function drain(state: ExplorationState): ExplorationState {
  for (;;) {
    const waiting = drainQueue(state);
    if (waiting.length === 0 || state.requests.size > 0) return state;
    const isStuckAll = waiting.every((bundle) => isStuck(state, bundle));
    if (isStuckAll && !takeBootstrap(state, waiting)) {
      // Nothing answers the first one any more; what it renders may still answer the rest.
      const first = firstOf(waiting);
      buildBundle(state, first, true);
      state.queue.push(...waiting.filter((bundle) => bundle !== first));
    } else {
      state.queue.push(...waiting);
    }
  }
}

/** Builds what stands in the queue, and what is found on the way; gives back what waits for a source or a ConfigMap. */
function drainQueue(state: ExplorationState): FoundBundle[] {
  const waiting: FoundBundle[] = [];
  for (;;) {
    const bundle = state.queue.shift();
    if (bundle === undefined) return waiting;
    if (!buildBundle(state, bundle, false)) waiting.push(bundle);
  }
}
