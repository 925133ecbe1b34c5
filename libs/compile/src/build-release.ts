import {
  type FluxHelmRelease,
  type Problem,
  type SourceTree,
} from "@wheelhouse/fleet-model";
import { type KubeObject, gvkOf } from "@wheelhouse/kube-object";
import {
  type ExplorationState,
  holdBundle,
  locationOf,
} from "./exploration-state.ts";
import { type FoundBundle, attribute } from "./explored-bundle.ts";
import { roleOf } from "./flux-kinds.ts";
import { type ReleaseValues, releaseValues } from "./release-values.ts";
import { renderRelease } from "./render-release.ts";
import { sortOutObjects } from "./sort-out-objects.ts";
import {
  type SourceOutcome,
  findSource,
  sourceNotFound,
} from "./source-trees.ts";
import { unfitObjects } from "./unfit-objects.ts";

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
  const place = { tree: tree.tree, manifests: [] };
  const ordinary = sortOutObjects(state, bundle, objects, place);
  const unfit = unfitObjects(ordinary, place);
  if (unfit.length > 0) return hold(unfit);
  settle(state, bundle, {
    objects: ordinary,
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

function isBundle(object: KubeObject): boolean {
  const role = roleOf(object);
  return (
    role === "kustomization" || role === "release" || role === "unbuiltBundle"
  );
}

const maxNamed = 3;

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
