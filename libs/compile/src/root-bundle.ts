import { rootBundleName } from "@wheelhouse/assignment";
import {
  type Cluster,
  type FleetConfig,
  type FluxKustomization,
  type Problem,
  type SourceLocation,
  noEdits,
  parseRepoPath,
} from "@wheelhouse/fleet-model";
import { substituteText } from "@wheelhouse/substitute";
import { type FoundBundle } from "./explored-bundle.ts";

/** How often a root is looked at again where nothing in Git says so. */
const rootIntervalMs = 10 * 60_000;

/** The root of a cluster, or why there is none. */
export type RootResult =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: Problem };

/** The directory of a cluster's root: its own path, else the fleet's `rootPath` for its name. */
export function rootPathOf(cluster: Cluster, config: FleetConfig): RootResult {
  const text = cluster.path ?? config.rootPath;
  const path = expandPath(text, cluster);
  const parsed = path === undefined ? undefined : parseRepoPath(path);
  const location = rootLocation(cluster);
  if (parsed?.ok === true) return { ok: true, path: parsed.path };
  return {
    ok: false,
    problem: {
      reason: parsed?.reason ?? "InvalidPath",
      subject: `Cluster/${cluster.name}`,
      message: `${text}: ${parsed?.message ?? "cannot be substituted"}`,
      ...(location === undefined ? {} : { location }),
    },
  };
}

/** A path with the cluster's variables in it; undefined where it is malformed or one is not set. */
export function expandPath(text: string, cluster: Cluster): string | undefined {
  const variables = { CLUSTER_NAME: cluster.name, ...cluster.variables };
  const result = substituteText(text, variables);
  return result.ok && result.missing.length === 0 ? result.text : undefined;
}

/**
 * The implicit Kustomization of a cluster's root. Where the root holds a
 * Kustomization of its own path, that object's spec is the root's.
 */
export function rootBundle(
  cluster: Cluster,
  path: string,
  self: FluxKustomization | undefined,
): Pick<FoundBundle, "name" | "kustomization" | "depth" | "locate"> {
  const implicit: FluxKustomization = {
    namespace: "flux-system",
    name: "(root)",
    annotations: {},
    path,
    sourceRef: {
      kind: "GitRepository",
      namespace: "flux-system",
      name: "flux-system",
    },
    intervalMs: rootIntervalMs,
    retryIntervalMs: rootIntervalMs,
    timeoutMs: rootIntervalMs,
    prune: true,
    wait: false,
    suspend: false,
    force: false,
    dependsOn: [],
    healthChecks: [],
    healthCheckExprs: [],
    deletionPolicy: "MirrorPrune",
    edits: noEdits,
    commonMetadata: { labels: {}, annotations: {} },
    ignore: [],
    substitute: {},
    substituteFrom: [],
    substituteAlways: false,
  };
  const spec = self ?? implicit;
  return {
    name: rootBundleName,
    kustomization: {
      ...spec,
      path,
      substitute: { ...cluster.variables, ...spec.substitute },
    },
    depth: 1,
    locate: () => rootLocation(cluster),
  };
}

/** Where a cluster's root is named: what is wrong with it as a whole stands there. */
function rootLocation({
  pathLocation,
  location,
}: Cluster): SourceLocation | undefined {
  return pathLocation ?? location;
}
