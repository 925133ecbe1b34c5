import { rootBundleName } from "@wheelhouse/assignment";
import { type FluxKustomization, type Problem } from "@wheelhouse/fleet-model";
import { type BuildSubject, prepareBuild } from "./build-input.ts";
import {
  type BundleVariables,
  exposedConfigMaps,
  noteConfigMap,
  variablesOf,
} from "./bundle-variables.ts";
import {
  type Exploration,
  type ExplorationState,
  type ExploreInput,
  holdBundle,
  locationOf,
} from "./exploration-state.ts";
import { type FoundBundle, attribute } from "./explored-bundle.ts";
import { readRendered } from "./rendered-objects.ts";
import { rootBundle } from "./root-bundle.ts";
import { sortOutObjects } from "./sort-out-objects.ts";

/** Finds and builds every bundle of a cluster, from its root on, as far as the renders reach. */
export function exploreBundles(input: ExploreInput): Exploration {
  const plain = explore(input, undefined);
  if (plain.foundSelf === undefined) return finish(plain);
  return finish(explore(input, plain.foundSelf));
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

function explore(
  input: ExploreInput,
  self: FluxKustomization | undefined,
): ExplorationState {
  const { cluster, rootPath } = input;
  const state: ExplorationState = {
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
  { configMaps }: ExplorationState,
  { kustomization }: FoundBundle,
): boolean {
  return (
    kustomization === undefined ||
    variablesOf(kustomization, configMaps).late.length > 0
  );
}

/** Builds what stands in the queue, and what is found on the way; gives back what waits for a ConfigMap. */
function drainQueue(state: ExplorationState, isFinal: boolean): FoundBundle[] {
  const waiting: FoundBundle[] = [];
  for (;;) {
    const bundle = state.queue.shift();
    if (bundle === undefined) return waiting;
    if (!buildBundle(state, bundle, isFinal)) waiting.push(bundle);
  }
}

/** Builds one bundle; false where it waits for a ConfigMap that may still come. */
function buildBundle(
  state: ExplorationState,
  bundle: FoundBundle,
  isFinal: boolean,
): boolean {
  const { kustomization } = bundle;
  if (kustomization === undefined) return true;
  const { tree, renders } = state.input;
  const input = prepareBuild(tree, buildSubject(kustomization));
  if (!input.ok) {
    holdBundle(state, bundle, input.problems, { isExplored: false });
    return true;
  }
  const render = renders.get(input.request.key);
  if (render === undefined) {
    state.requests.set(input.request.key, input.request);
    return true;
  }
  if (!render.ok) {
    const problem: Problem = {
      reason: "BuildFailed",
      subject: input.directory || ".",
      message: render.message,
      ...(input.file === undefined ? {} : { location: { file: input.file } }),
    };
    holdBundle(state, bundle, [problem], { isExplored: false });
    return true;
  }
  const found = variablesOf(kustomization, state.configMaps);
  if (found.late.length > 0 && !isFinal) return false;
  takeRendered(state, bundle, render, found, input.manifests);
  return true;
}

function buildSubject(kustomization: FluxKustomization): BuildSubject {
  const { path, patches, targetNamespace } = kustomization;
  return {
    path,
    patches,
    ...(targetNamespace === undefined ? {} : { targetNamespace }),
  };
}

function takeRendered(
  state: ExplorationState,
  bundle: FoundBundle,
  render: { readonly output: string },
  { variables, late }: BundleVariables,
  manifests: readonly string[],
): void {
  const required = late.filter(({ optional }) => !optional);
  if (required.length > 0) {
    const problems = required.map(({ kind, namespace, name }): Problem => ({
      reason: "LateReference",
      subject: bundle.name,
      message: `substituteFrom: ${kind}/${namespace}/${name} is not in Git; values that exist only in the cluster are not built yet`,
      advice: "Mark it optional to count it as empty, or put it into Git",
      ...locationOf(bundle, ["spec", "postBuild", "substituteFrom"]),
    }));
    holdBundle(state, bundle, problems, {
      isExplored: false,
      lateReferences: late,
    });
    return;
  }
  const rendered = readRendered(render, variables);
  if (!rendered.ok) {
    holdBundle(state, bundle, rendered.problems, { isExplored: false });
    return;
  }
  state.warnings.push(
    ...late.map((reference) => countedEmpty(bundle, reference)),
    ...rendered.warnings.map((warning) => attribute(warning, bundle)),
  );
  const objects = sortOutObjects(state, bundle, rendered.objects, manifests);
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
