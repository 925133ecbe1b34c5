import { rootBundleName } from "@wheelhouse/assignment";
import { type FluxKustomization, type Problem } from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { withCommonMetadata } from "@wheelhouse/substitute";
import { rootKeysFault } from "./account-bounds.ts";
import { prepareBuild } from "./build-input.ts";
import { buildRelease } from "./build-release.ts";
import {
  type BundleVariables,
  noteLateValues,
  variablesOf,
} from "./bundle-variables.ts";
import { encryptedTexts, isEncrypted } from "./encrypted-texts.ts";
import {
  type ExplorationState,
  type ExploreInput,
  holdBundle,
  locationOf,
} from "./exploration-state.ts";
import {
  type ExploredBundle,
  type FoundBundle,
  attribute,
} from "./explored-bundle.ts";
import { buildLate } from "./late-build.ts";
import { lateWarnings } from "./late-references.ts";
import { documentsOf, readRendered } from "./rendered-objects.ts";
import { sortOutObjects } from "./sort-out-objects.ts";
import {
  type SourceOutcome,
  findSource,
  sourceNotFound,
} from "./source-trees.ts";
import { unfitObjects } from "./unfit-objects.ts";
import {
  findGivenTwice,
  locateObject,
  locateRendered,
} from "./written-objects.ts";

/** Builds one bundle; false where it waits for something that may still come. */
export function buildBundle(
  state: ExplorationState,
  bundle: FoundBundle,
  isFinal: boolean,
): boolean {
  const { kustomization, release } = bundle;
  if (release !== undefined && !isBroken(bundle)) {
    return buildRelease(state, bundle, release, isFinal);
  }
  if (kustomization === undefined || isBroken(bundle)) {
    const isExplored = release !== undefined || !bundle.isUncertain;
    holdBundle(state, bundle, [], { isExplored });
    return true;
  }
  const source = sourceOf(state, bundle, isFinal);
  if (source.kind === "waits") return false;
  const early = earlyProblem(bundle, kustomization, source);
  if (early !== undefined || source.kind === "refused") {
    const problems = early === undefined ? [] : [early];
    holdBundle(state, bundle, problems, { isExplored: false });
    return true;
  }
  const input = prepareBuild(source.tree, {
    path: kustomization.path,
    edits: kustomization.edits,
    absent: state.input.absent ?? "held",
  });
  if (!input.ok) {
    holdBundle(state, bundle, input.problems, { isExplored: false });
    return true;
  }
  const render = state.input.renders.get(input.request.key);
  if (render === undefined) {
    state.requests.set(input.request.key, input.request);
    return true;
  }
  if (!render.ok) {
    const { manifests } = input;
    const twice = findGivenTwice(source.tree, manifests, render.message);
    // Its own words speak of a directory that the file is not.
    const problem: Problem =
      twice === undefined
        ? {
            reason: "BuildFailed",
            subject: input.directory || ".",
            message: render.message,
            ...(input.file === undefined
              ? {}
              : { location: { file: input.file } }),
          }
        : { reason: "DuplicateObject", ...twice };
    holdBundle(state, bundle, [problem], { isExplored: false });
    return true;
  }
  const { configMaps, input: options } = state;
  const found = variablesOf(kustomization, configMaps, options.absent);
  if (found.unknown.length > 0 && !isFinal) return false;
  state.warnings.push(
    ...input.warnings.map((warning) =>
      attribute(warning, bundle, ["spec", "path"]),
    ),
  );
  takeRendered(state, bundle, kustomization, {
    render,
    found,
    manifests: input.manifests,
    tree: source.tree,
  });
  return true;
}

/** Whether a field of its object cannot be read, so that nothing could be built but a guess. */
function isBroken({ faults, release }: FoundBundle): boolean {
  return faults.some(
    ({ reason }) =>
      reason === "InvalidField" ||
      (release !== undefined &&
        ["MissingField", "LateVariableInIdentity"].includes(reason)),
  );
}

function sourceOf(
  { sources }: ExplorationState,
  { name, kustomization }: FoundBundle,
  isFinal: boolean,
): SourceOutcome {
  if (name === rootBundleName || kustomization === undefined) {
    return { kind: "tree", tree: sources.fleetTree };
  }
  const outcome = findSource(sources, kustomization.sourceRef);
  return outcome.kind === "waits" && isFinal
    ? sourceNotFound(kustomization.sourceRef)
    : outcome;
}

/** What stands against a bundle before its files are looked at. */
function earlyProblem(
  bundle: FoundBundle,
  { path }: FluxKustomization,
  source: SourceOutcome,
): Problem | undefined {
  if (source.kind === "refused") {
    return {
      ...source.problem,
      subject: bundle.name,
      ...locationOf(bundle, ["spec", "sourceRef"]),
    };
  }
  return path.includes("${")
    ? {
        reason: "LateVariableInIdentity",
        subject: bundle.name,
        message: `spec.path: ${path} has a variable that nothing in Git sets`,
        ...locationOf(bundle, ["spec", "path"]),
      }
    : undefined;
}

/** What a build came to, and what is needed to take it over. */
interface Rendered {
  readonly render: { readonly output: string };
  readonly found: BundleVariables;
  readonly manifests: readonly string[];
  readonly tree: ExploreInput["tree"];
}

function takeRendered(
  state: ExplorationState,
  bundle: FoundBundle,
  kustomization: FluxKustomization,
  { render, found, manifests, tree }: Rendered,
): void {
  if (state.input.absent !== "empty" && isLate(kustomization, render, found)) {
    takeLate(state, bundle, kustomization, { render, found, manifests, tree });
    return;
  }
  const { variables } = found;
  const read = readRendered(render, {
    variables,
    always: kustomization.substituteAlways,
  });
  const locate = (problem: Problem): Problem =>
    locateRendered(problem, tree, manifests);
  if (!read.ok) {
    const problems = read.problems.map(locate);
    holdBundle(state, bundle, problems, { isExplored: false });
    return;
  }
  const { objects, warnings } = withCommonMetadata(
    read.objects,
    kustomization.commonMetadata,
  );
  state.warnings.push(
    ...lateWarnings(bundle, found.late),
    ...[...read.warnings, ...warnings].map((warning) =>
      attribute(locate(warning), bundle),
    ),
  );
  settle(state, bundle, { objects, manifests, tree });
}

/** Whether only the cluster can finish a build: values that it alone has, or something to decrypt. */
function isLate(
  { decryption }: FluxKustomization,
  render: Rendered["render"],
  { late }: BundleVariables,
): boolean {
  if (late.length > 0) return true;
  if (decryption === undefined) return false;
  const read = documentsOf(render);
  return read.ok && read.documents.some(({ object }) => isEncrypted(object));
}

function takeLate(
  state: ExplorationState,
  bundle: FoundBundle,
  kustomization: FluxKustomization,
  { render, found, manifests, tree }: Rendered,
): void {
  const read = documentsOf(render);
  const { substituteAlways, commonMetadata, decryption } = kustomization;
  const built = read.ok
    ? buildLate({
        documents: read.documents,
        sources: found.sources,
        always: substituteAlways,
        commonMetadata,
        decryption,
        encrypted: encryptedTexts(tree, manifests),
      })
    : read;
  if (!built.ok) {
    const problems = built.problems.map((problem) =>
      locateRendered(problem, tree, manifests),
    );
    const lateReferences = found.late;
    holdBundle(state, bundle, problems, { isExplored: false, lateReferences });
    return;
  }
  state.warnings.push(...lateWarnings(bundle, found.late));
  const { objects } = withCommonMetadata(built.objects, commonMetadata);
  const secretName = built.isEncrypted ? decryption?.secretName : undefined;
  const open = new Set(built.open.map((one) => objectKey(objectIdOf(one))));
  const isRoot = bundle.name === rootBundleName;
  const faults =
    secretName !== undefined && isRoot
      ? rootKeysFault(kustomization, (path) =>
          locateObject(tree, manifests, selfOf(kustomization), path),
        )
      : [];
  const rendered = { objects, manifests, tree, open, faults };
  settle(state, bundle, rendered, (ordinary) => ({
    template: built.templateOf(ordinary),
    lateReferences: found.late,
    ...(secretName === undefined ? {} : { decryption: { secretName } }),
  }));
  for (const object of built.open) {
    noteLateValues(state.configMaps, object, kustomization.namespace);
  }
}

/** A root's own object by its name, to find where it is written. */
function selfOf({ name, namespace }: FluxKustomization): KubeObject {
  const metadata = { name, namespace };
  return { apiVersion: "", kind: "Kustomization", metadata };
}

function settle(
  state: ExplorationState,
  bundle: FoundBundle,
  {
    objects,
    manifests,
    tree,
    open = new Set(),
    faults = [],
  }: Omit<Rendered, "render" | "found"> & {
    readonly objects: readonly KubeObject[];
    readonly open?: ReadonlySet<string>;
    readonly faults?: readonly Problem[];
  },
  finish: (
    ordinary: readonly KubeObject[],
  ) => Partial<
    Pick<ExploredBundle, "template" | "lateReferences" | "decryption">
  > = () => ({}),
): void {
  const place = { manifests, tree, open };
  const ordinary = sortOutObjects(state, bundle, objects, place);
  const problems = [...faults, ...unfitObjects(ordinary, place)];
  if (bundle.faults.length > 0 || problems.length > 0) {
    holdBundle(state, bundle, problems, {
      rendered: objects,
      manifests,
      isExplored: !bundle.isUncertain,
    });
    return;
  }
  state.bundles.set(bundle.name, {
    ...bundle,
    objects: ordinary,
    rendered: objects,
    manifests,
    lateReferences: [],
    held: undefined,
    isExplored: true,
    ...finish(ordinary),
  });
}
