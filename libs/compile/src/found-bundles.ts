import {
  type Cluster,
  type FieldSteps,
  type FluxKustomization,
  type ObjectReading,
  type Problem,
  type ProblemReason,
  type SourceTree,
  parseRepoPath,
  readFluxHelmRelease,
  readFluxKustomization,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  type LabelSelector,
  formatObjectId,
  matchesSelector,
  objectIdOf,
  objectKey,
  parseSelector,
} from "@wheelhouse/kube-object";
import { type FoundBundle, attribute } from "./explored-bundle.ts";
import { expandPath } from "./root-bundle.ts";
import { locateObject } from "./written-objects.ts";

/** Annotation that says on which clusters an object is a bundle. */
export const clusterSelectorAnnotation =
  "fleet.wheelhouse.dev/cluster-selector";

/** Annotation that names sub-directories of the path: the first that is there is built. */
export const pathCandidatesAnnotation = "fleet.wheelhouse.dev/path-candidates";

/** A Flux object in a rendered parent, read for one cluster. */
export interface ReadBundle extends FoundBundle {
  readonly warnings: readonly Problem[];
  /** False where the object's selector leaves this cluster out. */
  readonly isForCluster: boolean;
}

/** Where rendered objects come from, for reading the bundles among them. */
export interface ReadingContext {
  /** Where the parent's files lie. */
  readonly tree: SourceTree;
  /** The fleet repo as its artifact has it. */
  readonly fleetTree: SourceTree;
  readonly cluster: Cluster;
  readonly clusters: readonly Cluster[];
  /** Of objects that name none: the parent's. */
  readonly defaultNamespace: string;
  /** Of the bundles that are found. */
  readonly depth: number;
  /** Files that hold the parent's objects as written. */
  readonly manifests: readonly string[];
  /** Objects that only the cluster can finish, by key. */
  readonly open?: ReadonlySet<string>;
}

/** Faults that do not change what a bundle builds to. */
const harmlessReasons: ReadonlySet<ProblemReason> = new Set([
  "NotBuiltYet",
  "InvalidExpression",
]);

/** Reads a Flux `Kustomization` that was found in a rendered parent. */
export function readBundle(
  object: KubeObject,
  context: ReadingContext,
): ReadBundle {
  const locate = (path: FieldSteps) =>
    locateObject(context.tree, context.manifests, object, path);
  const subject = formatObjectId(objectIdOf(object));
  const problems: Problem[] = [];
  const reading: ObjectReading = { subject, locate, problems };
  const read = readFluxKustomization(reading, object, context.defaultNamespace);
  const name = `Kustomization/${read.namespace}/${read.name}`;
  const kustomization = { ...read, path: resolvePath(read, context) };
  const selected = selectBundle(kustomization, reading, context);
  const bundle: FoundBundle = {
    name,
    kustomization,
    depth: context.depth,
    locate,
    faults: problems,
    isUncertain: problems.some(({ reason }) => !harmlessReasons.has(reason)),
  };
  return finishReading(bundle, selected, ["spec", "path"]);
}

/** Reads a `HelmRelease` that was found in a rendered parent. */
export function readRelease(
  object: KubeObject,
  context: ReadingContext,
): ReadBundle {
  const locate = (path: FieldSteps) =>
    locateObject(context.tree, context.manifests, object, path);
  const id = objectIdOf(object);
  const problems: Problem[] = [];
  const subject = formatObjectId(id);
  const reading: ObjectReading = { subject, locate, problems };
  const release = readFluxHelmRelease(
    reading,
    object,
    context.defaultNamespace,
  );
  if (context.open?.has(objectKey(id)) === true) {
    problems.push({
      reason: "LateVariableInIdentity",
      subject,
      message:
        "has variables that may be set in the cluster alone, and the hub must read this object",
      advice:
        "Set them under postBuild.substitute, which wins over every reference",
    });
  }
  const selected = selectBundle(release, reading, context);
  const bundle: FoundBundle = {
    name: `HelmRelease/${release.namespace}/${release.name}`,
    kustomization: undefined,
    release,
    depth: context.depth,
    locate,
    faults: problems,
    // A chart makes no bundles that could be uncertain for its sake.
    isUncertain: false,
  };
  return finishReading(bundle, selected, ["spec", "chart"]);
}

/** Which clusters a bundle is for, by its annotation. */
interface Selected {
  readonly isIdle: boolean;
  readonly isForCluster: boolean;
}

function selectBundle(
  { annotations }: Pick<FluxKustomization, "annotations">,
  { subject, problems }: ObjectReading,
  context: ReadingContext,
): Selected {
  const selector = selectorOf(annotations);
  if (selector === undefined) {
    problems.push({
      reason: "InvalidSelector",
      subject,
      message: `annotation ${clusterSelectorAnnotation} is no label selector`,
    });
  }
  return {
    isIdle: isIdle(selector, context),
    isForCluster:
      selector === undefined ||
      matchesSelector(selector, context.cluster.labels),
  };
}

function finishReading(
  bundle: FoundBundle,
  { isIdle: isIdleBundle, isForCluster }: Selected,
  path: FieldSteps,
): ReadBundle {
  const idle = matchesNothing(bundle.name);
  return {
    ...bundle,
    faults: bundle.faults.map((problem) => attribute(problem, bundle, path)),
    warnings: isIdleBundle
      ? [attribute(idle, bundle, ["metadata", "annotations"])]
      : [],
    isForCluster,
  };
}

/** Reads an object of a kind that would be a bundle, but is not built yet. */
export function readUnbuilt(
  object: KubeObject,
  { tree, manifests, defaultNamespace, depth }: ReadingContext,
): ReadBundle {
  const id = objectIdOf(object);
  const bundle: FoundBundle = {
    name: `${id.kind}/${id.namespace || defaultNamespace}/${id.name}`,
    kustomization: undefined,
    depth,
    locate: (path) => locateObject(tree, manifests, object, path),
    faults: [],
    // It may make bundles, and none of those is known.
    isUncertain: true,
  };
  const problem: Problem = {
    reason: "NotBuiltYet",
    subject: bundle.name,
    message: `${id.kind} is not built yet`,
  };
  return {
    ...bundle,
    faults: [attribute(problem, bundle)],
    warnings: [],
    isForCluster: true,
  };
}

/** The path with what the parent's substitution left in it, and the first candidate that is there. */
function resolvePath(
  { path, annotations }: FluxKustomization,
  { fleetTree, cluster }: ReadingContext,
): string {
  const expanded = path.includes("${")
    ? (expandPath(path, cluster) ?? path)
    : path;
  const candidates = (annotations[pathCandidatesAnnotation] ?? "")
    .split(",")
    .map((candidate) => expandPath(candidate.trim(), cluster) ?? "")
    .filter((candidate) => candidate !== "")
    .map((candidate) => `${expanded.replace(/\/$/, "")}/${candidate}`);
  const present = candidates.find((candidate) => {
    const parsed = parseRepoPath(candidate);
    const found = parsed.ok ? resolveEntry(fleetTree, parsed.path) : undefined;
    return found?.ok === true && found.entry?.kind === "directory";
  });
  return present ?? candidates.at(-1) ?? expanded;
}

/** The selector of a bundle's annotation: all without one, undefined where it cannot be read. */
function selectorOf(
  annotations: FluxKustomization["annotations"],
): LabelSelector | undefined {
  const result = parseSelector(annotations[clusterSelectorAnnotation] ?? "");
  return result.ok ? result.selector : undefined;
}

function isIdle(
  selector: LabelSelector | undefined,
  { clusters }: ReadingContext,
): boolean {
  return (
    selector !== undefined &&
    !clusters.some(({ labels }) => matchesSelector(selector, labels))
  );
}

function matchesNothing(name: string): Problem {
  return {
    reason: "SelectorMatchesNothing",
    subject: name,
    message: `annotation ${clusterSelectorAnnotation} matches no cluster`,
    advice: "Compare it with the labels of the Cluster objects",
  };
}
