import { type Digest, rootBundleName } from "@wheelhouse/assignment";
import {
  type Cluster,
  type FleetConfig,
  type FluxKustomization,
  type Problem,
  type SourceTree,
  parseRepoPath,
} from "@wheelhouse/fleet-model";
import { type KubeObject } from "@wheelhouse/kube-object";
import { prepareBuild } from "./build-input.ts";
import {
  type BundleVariables,
  type KnownConfigMaps,
  exposedConfigMaps,
  noteConfigMap,
  variablesOf,
} from "./bundle-variables.ts";
import {
  type ExploredBundle,
  type FoundBundle,
  attribute,
  heldFor,
} from "./explored-bundle.ts";
import { type ObjectRole, roleOf } from "./flux-kinds.ts";
import { type ReadBundle, readBundle, readUnbuilt } from "./found-bundles.ts";
import { type RenderRequest, type RenderResults } from "./render-request.ts";
import { readRendered } from "./rendered-objects.ts";
import { rootBundle } from "./root-bundle.ts";

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

/** Beyond this many bundles a root is refused: nobody means a million. */
const maxBundles = 5_000;

interface State {
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

/** Finds and builds every bundle of a cluster, from its root on, as far as the renders reach. */
export function exploreBundles(input: ExploreInput): Exploration {
  const plain = explore(input, undefined);
  if (plain.foundSelf === undefined) return finish(plain);
  return finish(explore(input, plain.foundSelf));
}

function finish(state: State): Exploration {
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

function explore(
  input: ExploreInput,
  self: FluxKustomization | undefined,
): State {
  const { cluster, rootPath } = input;
  const state: State = {
    input,
    self,
    bundles: new Map(),
    requests: new Map(),
    problems: [],
    warnings: [],
    configMaps: exposedConfigMaps(cluster),
    queue: [rootBundle(cluster, rootPath, self)],
    queued: new Set([rootBundleName]),
    foundSelf: undefined,
  };
  let isFinal = false;
  for (;;) {
    const waiting = drainQueue(state, isFinal);
    if (waiting.length === 0 || state.requests.size > 0) return state;
    // What somebody else renders may answer what waits; when nothing does any more, nothing will.
    isFinal = waiting.every((bundle) => isStuck(state, bundle));
    state.queue.push(...waiting);
  }
}

function isStuck(
  { configMaps }: State,
  { kustomization }: FoundBundle,
): boolean {
  return (
    kustomization === undefined ||
    variablesOf(kustomization, configMaps).late.length > 0
  );
}

/** Builds what stands in the queue, and what is found on the way; gives back what waits for a ConfigMap. */
function drainQueue(state: State, isFinal: boolean): FoundBundle[] {
  const waiting: FoundBundle[] = [];
  for (;;) {
    const bundle = state.queue.shift();
    if (bundle === undefined) return waiting;
    if (!buildBundle(state, bundle, isFinal)) waiting.push(bundle);
  }
}

/** Builds one bundle; false where it waits for a ConfigMap that may still come. */
function buildBundle(
  state: State,
  bundle: FoundBundle,
  isFinal: boolean,
): boolean {
  const { kustomization } = bundle;
  if (kustomization === undefined) return true;
  const { tree, renders } = state.input;
  const input = prepareBuild(tree, buildSubject(kustomization));
  if (!input.ok) {
    hold(state, bundle, input.problems, { isExplored: false });
    return true;
  }
  const render = renders.get(input.request.key);
  if (render === undefined) {
    state.requests.set(input.request.key, input.request);
    return true;
  }
  if (!render.ok) {
    const problem = {
      reason: "BuildFailed",
      subject: input.directory || ".",
      message: render.message,
      ...(input.file === undefined ? {} : { location: { file: input.file } }),
    };
    hold(state, bundle, [problem], { isExplored: false });
    return true;
  }
  const found = variablesOf(kustomization, state.configMaps);
  if (found.late.length > 0 && !isFinal) return false;
  takeRendered(state, bundle, render, found, input.manifests);
  return true;
}

function buildSubject(kustomization: FluxKustomization) {
  const { path, patches, targetNamespace } = kustomization;
  return {
    path,
    patches,
    ...(targetNamespace === undefined ? {} : { targetNamespace }),
  };
}

function hold(
  state: State,
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

function takeRendered(
  state: State,
  bundle: FoundBundle,
  render: { readonly output: string },
  { variables, late }: BundleVariables,
  manifests: readonly string[],
): void {
  const required = late.filter(({ optional }) => !optional);
  if (required.length > 0) {
    const problems = required.map(({ kind, namespace, name }) => ({
      reason: "LateReference",
      subject: bundle.name,
      message: `substituteFrom: ${kind}/${namespace}/${name} is not in Git; values that exist only in the cluster are not built yet`,
      advice: "Mark it optional to count it as empty, or put it into Git",
      ...locationOf(bundle, ["spec", "postBuild", "substituteFrom"]),
    }));
    hold(state, bundle, problems, { isExplored: false, lateReferences: late });
    return;
  }
  const rendered = readRendered(render, variables);
  if (!rendered.ok) {
    hold(state, bundle, rendered.problems, { isExplored: false });
    return;
  }
  state.warnings.push(
    ...late.map((reference) => countedEmpty(bundle, reference)),
    ...rendered.warnings.map((warning) => attribute(warning, bundle)),
  );
  const objects = sortOut(state, bundle, rendered.objects, manifests);
  for (const object of objects) noteConfigMap(state.configMaps, object);
  state.bundles.set(bundle.name, {
    ...bundle,
    objects,
    manifests,
    lateReferences: [],
    held: undefined,
    isExplored: true,
  });
}

function locationOf(bundle: FoundBundle, path: readonly string[]) {
  const location = bundle.locate(path);
  return location === undefined ? {} : { location };
}

function countedEmpty(
  bundle: FoundBundle,
  { kind, namespace, name }: BundleVariables["late"][number],
): Problem {
  return {
    reason: "LateReference",
    subject: bundle.name,
    message: `substituteFrom: optional ${kind}/${namespace}/${name} is not in Git and counts as empty`,
    ...locationOf(bundle, ["spec", "postBuild", "substituteFrom"]),
  };
}

/** Takes the bundles out of rendered objects, and leaves out what is Flux's own. */
function sortOut(
  state: State,
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
  state: State,
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
  if (all.length > 0) hold(state, bundle, all, { isExplored: false });
  else state.queue.push(bundle);
}

function isRootItself(
  { input }: State,
  kustomization: FluxKustomization | undefined,
): boolean {
  if (kustomization === undefined) return false;
  const path = parseRepoPath(kustomization.path);
  return path.ok && path.path === input.rootPath;
}

/** What stands against a bundle that reads well: a name taken, another source, or too many. */
function checkPlace(
  state: State,
  parent: FoundBundle,
  bundle: FoundBundle,
): readonly Problem[] {
  const problem = (reason: string, message: string): Problem[] => [
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
  { self }: State,
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
