import {
  type FluxHelmRelease,
  type Problem,
  type SourceTree,
} from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  gvkOf,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { withCommonMetadata } from "@wheelhouse/substitute";
import {
  type ExplorationState,
  holdBundle,
  locationOf,
} from "./exploration-state.ts";
import { type FoundBundle, attribute } from "./explored-bundle.ts";
import { roleOf } from "./flux-kinds.ts";
import { postRenderRequest } from "./post-render.ts";
import {
  type ReleaseHook,
  readReleaseOutput,
  withCrdsPolicy,
  withNamespace,
  withResourcePolicy,
} from "./release-output.ts";
import { prepareRelease } from "./release-request.ts";
import { type ReleaseValues, releaseValues } from "./release-values.ts";
import { type RenderRequest, type RenderResult } from "./render-request.ts";
import { documentsOf } from "./rendered-objects.ts";
import { sortOutObjects } from "./sort-out-objects.ts";
import {
  type SourceOutcome,
  findSource,
  sourceNotFound,
} from "./source-trees.ts";

/** Builds a HelmRelease; false where it waits for a source or values that may still come. */
export function buildRelease(
  state: ExplorationState,
  bundle: FoundBundle,
  release: FluxHelmRelease,
  isFinal: boolean,
): boolean {
  if (state.input.absent === "empty") {
    // To look at a root is to see what Flux would apply: the release itself, and not its chart.
    settle(state, bundle, { objects: [], rendered: [] });
    return true;
  }
  const values = releaseValues(release, state.configMaps);
  const source = findChart(state, release);
  const isWaiting = values.isWaiting || source.kind === "waits";
  if (isWaiting && !isFinal) return false;
  const hold = (problems: readonly Problem[]): true => {
    // Charts make no bundles, so that a held release hides none.
    holdBundle(state, bundle, problems, { isExplored: true });
    return true;
  };
  const tree = treeOf(source, release, bundle);
  if (!tree.ok) return hold([tree.problem, ...located(values, bundle)]);
  if (values.problems.length > 0) return hold(located(values, bundle));
  const rendered = renderRelease(state, release, {
    tree: tree.tree,
    values,
  });
  if (rendered.kind === "wanted") {
    state.requests.set(rendered.request.key, rendered.request);
    return true;
  }
  if (rendered.kind === "failed") return hold(rendered.problems);
  state.warnings.push(
    ...values.warnings.map((warning) =>
      attribute(warning, bundle, ["spec", "valuesFrom"]),
    ),
    ...rendered.warnings.map((warning) => attribute(warning, bundle)),
  );
  const { objects } = rendered;
  const made = objects.filter((object) => isBundle(object));
  if (made.length > 0) return hold([makesBundles(made)]);
  settle(state, bundle, {
    objects: sortOutObjects(state, bundle, objects, {
      tree: tree.tree,
      manifests: [],
    }),
    rendered: objects,
    definitions: rendered.definitions,
  });
  return true;
}

function settle(
  state: ExplorationState,
  bundle: FoundBundle,
  built: {
    readonly objects: readonly KubeObject[];
    readonly rendered: readonly KubeObject[];
    readonly definitions?: ReadonlySet<string>;
  },
): void {
  if (bundle.faults.length > 0) {
    holdBundle(state, bundle, [], {
      rendered: built.rendered,
      isExplored: true,
    });
    return;
  }
  state.bundles.set(bundle.name, {
    ...bundle,
    ...built,
    manifests: [],
    lateReferences: [],
    held: undefined,
    isExplored: true,
  });
}

/** Where a release's chart lies; `refused` for what is never at hand. */
function findChart(
  { sources }: ExplorationState,
  { chart }: FluxHelmRelease,
): SourceOutcome {
  const { source } = chart;
  if (source.kind === "HelmChart") {
    return {
      kind: "refused",
      problem: {
        reason: "NotBuiltYet",
        message: "charts of HelmChart objects are not built yet",
      },
    };
  }
  const outcome = findSource(sources, source);
  if (source.kind !== "HelmRepository" || outcome.kind === "waits") {
    return outcome;
  }
  const found = sources.found.get(
    `${source.kind}/${source.namespace}/${source.name}`,
  );
  const url = found !== undefined && "url" in found ? found.url : "";
  return {
    kind: "refused",
    problem: {
      reason: "ChartNotFetched",
      message: `${chart.chart} ${chart.version} of ${url || source.name} is not fetched yet`,
    },
  };
}

function treeOf(
  source: SourceOutcome,
  { chart }: FluxHelmRelease,
  bundle: FoundBundle,
):
  | { readonly ok: true; readonly tree: SourceTree }
  | { readonly ok: false; readonly problem: Problem } {
  const found = source.kind === "waits" ? sourceNotFound(chart.source) : source;
  if (found.kind === "tree") return { ok: true, tree: found.tree };
  return {
    ok: false,
    problem: {
      ...(found.kind === "refused"
        ? found.problem
        : { reason: "SourceNotFound", message: "is not there" }),
      subject: bundle.name,
      ...locationOf(bundle, ["spec", ...chart.sourceField]),
    },
  };
}

function located(
  { problems }: ReleaseValues,
  bundle: FoundBundle,
): readonly Problem[] {
  return problems.map((problem) =>
    attribute(problem, bundle, ["spec", "valuesFrom"]),
  );
}

/** How far the renders of one release have come. */
type RenderedRelease =
  | { readonly kind: "wanted"; readonly request: RenderRequest }
  | { readonly kind: "failed"; readonly problems: readonly Problem[] }
  | {
      readonly kind: "rendered";
      readonly objects: readonly KubeObject[];
      /** Those of `crds` directories, by key. */
      readonly definitions: ReadonlySet<string>;
      readonly warnings: readonly Problem[];
    };

function renderRelease(
  state: ExplorationState,
  release: FluxHelmRelease,
  {
    tree,
    values,
  }: { readonly tree: SourceTree; readonly values: ReleaseValues },
): RenderedRelease {
  const { config, renders } = state.input;
  const prepared = prepareRelease({
    ...{ tree, release, config },
    values: values.values,
  });
  if (!prepared.ok) return { kind: "failed", problems: prepared.problems };
  const { request } = prepared;
  const render = renders.get(request.key);
  if (render === undefined) return { kind: "wanted", request };
  if (!render.ok) return chartFailed(release, render);
  const output = readReleaseOutput(render);
  if (!output.ok) return { kind: "failed", problems: output.problems };
  const hooks = sortHooks(release, output.hooks);
  if (hooks.problems.length > 0) {
    return { kind: "failed", problems: hooks.problems };
  }
  const rendered = postRender(state, release, output.objects);
  if (rendered.kind !== "rendered") return rendered;
  const objects = [
    ...withCrdsPolicy(output.definitions, release.crds),
    ...rendered.objects.map(withResourcePolicy),
  ];
  const common = withMetadata(objects, release);
  return {
    kind: "rendered",
    objects: withNamespace(
      common.objects,
      output.definitions,
      release.targetNamespace ?? release.namespace,
    ),
    definitions: new Set(
      output.definitions.map((one) => objectKey(objectIdOf(one))),
    ),
    warnings: [...hooks.warnings, ...common.warnings],
  };
}

/** Objects of a release that asks for nothing stay as Helm made them, however odd. */
function withMetadata(
  objects: readonly KubeObject[],
  { commonMetadata }: FluxHelmRelease,
): ReturnType<typeof withCommonMetadata> {
  const { labels, annotations } = commonMetadata;
  const isEmpty = Object.keys({ ...labels, ...annotations }).length === 0;
  return isEmpty
    ? { objects, warnings: [] }
    : withCommonMetadata(objects, commonMetadata);
}

/** Passes objects through the post-renderers, one after the other. */
function postRender(
  { input }: ExplorationState,
  { postRenderers }: FluxHelmRelease,
  objects: readonly KubeObject[],
):
  | Exclude<RenderedRelease, { kind: "rendered" }>
  | { readonly kind: "rendered"; readonly objects: readonly KubeObject[] } {
  let current = objects;
  for (const [index, edits] of postRenderers.entries()) {
    const request = postRenderRequest(current, edits);
    const render = input.renders.get(request.key);
    if (render === undefined) return { kind: "wanted", request };
    const subject = `spec.postRenderers[${index}]`;
    if (!render.ok) {
      return {
        kind: "failed",
        problems: [{ reason: "BuildFailed", subject, message: render.message }],
      };
    }
    const read = documentsOf(render);
    if (!read.ok) return { kind: "failed", problems: read.problems };
    current = objectsIn(read);
  }
  return { kind: "rendered", objects: current };
}

const objectLists = new WeakMap<object, readonly KubeObject[]>();

/** The same list for the same documents: the next request is made from it, once. */
function objectsIn(read: {
  readonly documents: readonly { readonly object: KubeObject }[];
}): readonly KubeObject[] {
  const objects =
    objectLists.get(read) ?? read.documents.map(({ object }) => object);
  objectLists.set(read, objects);
  return objects;
}

function chartFailed(
  { chart }: FluxHelmRelease,
  { message }: Extract<RenderResult, { ok: false }>,
): RenderedRelease {
  const subject = chart.chart || chart.source.name;
  return {
    kind: "failed",
    problems: [{ reason: "ChartFailed", subject, message }],
  };
}

/** Events of Helm that a release goes through here, by what may switch them off. */
const ownEvents: ReadonlyMap<string, "install" | "upgrade"> = new Map([
  ["pre-install", "install"],
  ["post-install", "install"],
  ["pre-upgrade", "upgrade"],
  ["post-upgrade", "upgrade"],
]);

const maxNamed = 3;

/** Hooks that an install or an upgrade would run hold the release; others are left out with a word, and tests without. */
function sortHooks(
  { disabledHooks }: FluxHelmRelease,
  hooks: readonly ReleaseHook[],
): {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
} {
  const isRun = (event: string): boolean => {
    const action = ownEvents.get(event);
    return action !== undefined && !disabledHooks.includes(action);
  };
  const isSilent = (event: string): boolean =>
    event.startsWith("test") || ownEvents.has(event);
  const run = hooks.filter(({ events }) => events.some(isRun));
  const left = hooks.filter(
    (hook) => !run.includes(hook) && !hook.events.every(isSilent),
  );
  return {
    problems: run.length === 0 ? [] : [hooksNotRun(run)],
    warnings: left.length === 0 ? [] : [hooksLeftOut(left)],
  };
}

function named(hooks: readonly ReleaseHook[]): string {
  const shown = hooks
    .slice(0, maxNamed)
    .map(({ title, events }) => `${title}: ${events.join(", ")}`);
  const more = hooks.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

function hooksNotRun(hooks: readonly ReleaseHook[]): Problem {
  return {
    reason: "HelmHooks",
    subject: "hooks",
    message: `are not run yet: ${named(hooks)}`,
  };
}

function hooksLeftOut(hooks: readonly ReleaseHook[]): Problem {
  return {
    reason: "HelmHooksLeftOut",
    subject: "hooks",
    message: `are never run here: ${named(hooks)}`,
  };
}

function isBundle(object: KubeObject): boolean {
  const role = roleOf(object);
  return (
    role === "kustomization" || role === "release" || role === "unbuiltBundle"
  );
}

function makesBundles(made: readonly KubeObject[]): Problem {
  const names = made
    .slice(0, maxNamed)
    .map((object) => `${gvkOf(object).kind}/${object.metadata.name}`);
  return {
    reason: "NotBuiltYet",
    subject: "chart",
    message: `makes Flux objects, which are not built from charts yet: ${names.join(", ")}`,
    advice: "Commit them beside the release",
  };
}
