import {
  type FluxHelmRelease,
  type Problem,
  type SourceTree,
} from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { withCommonMetadata } from "@wheelhouse/substitute";
import { type ExplorationState } from "./exploration-state.ts";
import { postRenderRequest } from "./post-render.ts";
import { sortHooks } from "./release-hooks.ts";
import {
  readReleaseOutput,
  withCrdsPolicy,
  withNamespace,
  withResourcePolicy,
} from "./release-output.ts";
import { prepareRelease } from "./release-request.ts";
import { type ReleaseValues } from "./release-values.ts";
import { type RenderRequest, type RenderResult } from "./render-request.ts";
import { documentsOf } from "./rendered-objects.ts";

/** How far the renders of one release have come. */
export type RenderedRelease =
  | { readonly kind: "wanted"; readonly request: RenderRequest }
  | { readonly kind: "failed"; readonly problems: readonly Problem[] }
  | {
      readonly kind: "rendered";
      readonly objects: readonly KubeObject[];
      /** Those of `crds` directories, by key. */
      readonly definitions: ReadonlySet<string>;
      readonly warnings: readonly Problem[];
    };

/** Takes a release from its chart and values to its objects, as far as the renders reach. */
export function renderRelease(
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
