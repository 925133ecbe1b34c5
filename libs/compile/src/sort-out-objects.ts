import { rootBundleName } from "@wheelhouse/assignment";
import {
  type FleetConfig,
  type FluxKustomization,
  type Problem,
  type ProblemReason,
  clampRepoPath,
} from "@wheelhouse/fleet-model";
import { type KubeObject } from "@wheelhouse/kube-object";
import { accountProblem, rootAccountFault } from "./account-bounds.ts";
import { fluxObjectOf } from "./bundle-object.ts";
import { noteValues } from "./bundle-variables.ts";
import {
  type ExplorationState,
  type ExploreInput,
  holdBundle,
} from "./exploration-state.ts";
import { type FoundBundle, attribute } from "./explored-bundle.ts";
import { type ObjectRole, roleOf } from "./flux-kinds.ts";
import {
  type ReadBundle,
  type ReadingContext,
  readBundle,
  readRelease,
  readUnbuilt,
} from "./found-bundles.ts";
import { type KnownSources, noteSource, sourceKey } from "./source-trees.ts";

/** Beyond this many bundles a root is refused: nobody means a million. */
const maxBundles = 5_000;

/** Bundles within bundles, the root counted; beyond it one makes another with a path of its own each time. */
const maxDepth = 32;

/** Takes the bundles out of rendered objects, and leaves out what is Flux's own. */
export function sortOutObjects(
  state: ExplorationState,
  parent: FoundBundle,
  objects: readonly KubeObject[],
  place: Pick<ReadingContext, "tree" | "manifests" | "open">,
): readonly KubeObject[] {
  const { cluster, clusters, config } = state.input;
  const { fleetTree } = state.sources;
  const defaultNamespace = fluxObjectOf(parent)?.namespace ?? "default";
  const context = {
    ...place,
    fleetTree,
    cluster,
    clusters,
    defaultNamespace,
    depth: parent.depth + 1,
  };
  const leftOut = new Map<string, number>();
  for (const object of objects) {
    noteValues(state.configMaps, object, defaultNamespace);
    noteSource(state.sources, object, defaultNamespace);
  }
  const ordinary = objects.filter((object) => {
    const role = effectiveRole(roleOf(object), config);
    switch (role) {
      case "ordinary":
        return true;
      case "kustomization":
        takeBundle(state, parent, readBundle(object, context));
        return false;
      case "release":
        takeBundle(state, parent, readRelease(object, context));
        return false;
      case "unbuiltBundle":
        takeBundle(state, parent, readUnbuilt(object, context));
        return false;
      case "source":
      case "machinery":
        leftOut.set(object.kind, (leftOut.get(object.kind) ?? 0) + 1);
        return false;
    }
  });
  if (leftOut.size > 0) {
    const list = [...leftOut].map(([kind, count]) => `${count} ${kind}`);
    state.warnings.push({
      reason: "FluxLeftOut",
      subject: parent.name,
      message: `left out, as part of Flux: ${list.sort().join(", ")}`,
    });
  }
  return ordinary;
}

function effectiveRole(role: ObjectRole, config: FleetConfig): ObjectRole {
  if (role === "machinery" && !config.skipFluxComponents) return "ordinary";
  return config.fluxObjects === "apply" ? "ordinary" : role;
}

/** Puts a bundle into the queue, unless it is the root itself, for other clusters, or there already. */
function takeBundle(
  state: ExplorationState,
  parent: FoundBundle,
  { warnings, isForCluster, ...bundle }: ReadBundle,
): void {
  state.warnings.push(...warnings);
  if (!isForCluster) return;
  const { kustomization, faults, isUncertain } = bundle;
  if (parent.name === rootBundleName && isRootItself(state, kustomization)) {
    const own = kustomization && rootAccountFault(kustomization, bundle.locate);
    state.foundSelf ??= {
      self: kustomization,
      faults: [...faults, ...(own ?? [])],
      isUncertain,
    };
    return;
  }
  const extra = checkPlace(state, parent, bundle);
  if (state.queued.has(bundle.name)) {
    state.problems.push(...extra);
    return;
  }
  state.queued.add(bundle.name);
  const foreign = accountProblem(parent, bundle);
  const found: FoundBundle = {
    ...bundle,
    faults: [
      ...bundle.faults,
      ...(parent.isUncertain ? [uncertain(parent, bundle)] : []),
      ...(foreign === undefined ? [] : [foreign]),
    ],
    // What a foreign one makes would be free of the account that binds its makers.
    isUncertain:
      bundle.isUncertain || parent.isUncertain || foreign !== undefined,
  };
  if (extra.length > 0) holdBundle(state, found, extra, { isExplored: false });
  else state.queue.push(found);
}

function uncertain(parent: FoundBundle, bundle: FoundBundle): Problem {
  return attribute(
    {
      reason: "ParentUncertain",
      subject: bundle.name,
      message: `${parent.name}, which makes this one, has a mistake that may change it`,
    },
    bundle,
  );
}

function isRootItself(
  { input, sources }: ExplorationState,
  kustomization: FluxKustomization | undefined,
): boolean {
  if (kustomization === undefined) return false;
  if (isElsewhere(sources, kustomization, input)) return false;
  const path = clampRepoPath(kustomization.path);
  return path.ok && path.path === input.rootPath;
}

/** Whether a Kustomization is of another source than the root: the path of a whole source is that of every other. */
function isElsewhere(
  sources: KnownSources,
  { sourceRef }: FluxKustomization,
  { tree, rootPath }: ExploreInput,
): boolean {
  if (sources.fleet.has(sourceKey(sourceRef))) return false;
  const found = sources.found.get(sourceKey(sourceRef));
  if (found === undefined) return false;
  const resolved = "copy" in found ? undefined : sources.resolve(found);
  return resolved === undefined
    ? rootPath === ""
    : resolved.commit !== tree.commit;
}

/** What stands against a bundle where it was found: a name taken, too many, or too deep. */
function checkPlace(
  state: ExplorationState,
  parent: FoundBundle,
  bundle: FoundBundle,
): readonly Problem[] {
  const problem = (reason: ProblemReason, message: string): Problem[] => [
    attribute({ reason, subject: bundle.name, message }, bundle),
  ];
  if (state.queued.has(bundle.name)) {
    return problem(
      "DuplicateBundle",
      `is there twice; again in ${parent.name}`,
    );
  }
  if (state.queued.size >= maxBundles) {
    return problem("TooManyBundles", `beyond ${maxBundles} bundles`);
  }
  if (bundle.depth > maxDepth) {
    return problem(
      "KustomizationsTooDeep",
      `Kustomizations within Kustomizations are more than ${maxDepth} deep`,
    );
  }
  return [];
}
