import { rootBundleName } from "@wheelhouse/assignment";
import {
  type FleetConfig,
  type FluxKustomization,
  type Problem,
  type ProblemReason,
  parseRepoPath,
} from "@wheelhouse/fleet-model";
import { type KubeObject } from "@wheelhouse/kube-object";
import {
  type ExplorationState,
  holdBundle,
  locationOf,
} from "./exploration-state.ts";
import { type FoundBundle, attribute } from "./explored-bundle.ts";
import { type ObjectRole, roleOf } from "./flux-kinds.ts";
import { type ReadBundle, readBundle, readUnbuilt } from "./found-bundles.ts";

/** Beyond this many bundles a root is refused: nobody means a million. */
const maxBundles = 5_000;

/** Takes the bundles out of rendered objects, and leaves out what is Flux's own. */
export function sortOutObjects(
  state: ExplorationState,
  parent: FoundBundle,
  objects: readonly KubeObject[],
  manifests: readonly string[],
): readonly KubeObject[] {
  const { tree, cluster, clusters, config } = state.input;
  const context = { tree, cluster, clusters, manifests };
  const leftOut = new Map<string, number>();
  const ordinary = objects.filter((object) => {
    const role = effectiveRole(roleOf(object), config);
    switch (role) {
      case "ordinary":
        return true;
      case "kustomization":
        takeBundle(state, parent, readBundle(object, context));
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
  { problems, warnings, isForCluster, ...bundle }: ReadBundle,
): void {
  state.warnings.push(...warnings);
  if (!isForCluster) return;
  const { kustomization } = bundle;
  if (parent.name === rootBundleName && isRootItself(state, kustomization)) {
    state.foundSelf ??= kustomization;
    return;
  }
  const extra = problems.length > 0 ? [] : checkPlace(state, parent, bundle);
  if (state.queued.has(bundle.name)) {
    state.problems.push(...extra);
    return;
  }
  state.queued.add(bundle.name);
  const all = [...problems, ...extra];
  if (all.length > 0) holdBundle(state, bundle, all, { isExplored: false });
  else state.queue.push(bundle);
}

function isRootItself(
  { input }: ExplorationState,
  kustomization: FluxKustomization | undefined,
): boolean {
  if (kustomization === undefined) return false;
  const path = parseRepoPath(kustomization.path);
  return path.ok && path.path === input.rootPath;
}

/** What stands against a bundle that reads well: a name taken, another source, or too many. */
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
  const source = bundle.kustomization?.sourceRef;
  return source === undefined || isFleetRepo(state, source)
    ? []
    : [
        {
          ...attribute(
            {
              reason: "NotBuiltYet",
              subject: bundle.name,
              message: `sourceRef: ${source.kind}/${source.namespace}/${source.name} is not the fleet repo; other sources are not built yet`,
            },
            bundle,
          ),
          ...locationOf(bundle, ["spec", "sourceRef"]),
        },
      ];
}

/** The fleet repo is the GitRepository that the bootstrap names: that of the root itself, or flux-system. */
function isFleetRepo(
  { self }: ExplorationState,
  source: FluxKustomization["sourceRef"],
): boolean {
  const bootstrap = self?.sourceRef ?? {
    namespace: "flux-system",
    name: "flux-system",
  };
  return (
    source.kind === "GitRepository" &&
    source.namespace === bootstrap.namespace &&
    source.name === bootstrap.name
  );
}
