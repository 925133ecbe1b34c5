import {
  type FluxSource,
  type FluxSourceRef,
  type MadeArtifact,
  type Problem,
  type SourceTree,
  readArtifactGenerator,
  readFluxSource,
} from "@wheelhouse/fleet-model";
import { type KubeObject, gvkOf } from "@wheelhouse/kube-object";
import { copyArtifact } from "./artifact-copy.ts";
import { artifactTree } from "./artifact-tree.ts";

/** The files of a source outside the fleet repo, or undefined where they are not at hand. */
export type SourceResolver = (source: FluxSource) => SourceTree | undefined;

/** Where the files of a bundle lie. */
export type SourceOutcome =
  | { readonly kind: "tree"; readonly tree: SourceTree }
  /** The source may still be found in what is not rendered yet. */
  | { readonly kind: "waits" }
  | {
      readonly kind: "refused";
      readonly problem: Pick<Problem, "reason" | "message">;
    };

/** The sources of a cluster, as far as they are found. */
export interface KnownSources {
  /** By `Kind/namespace/name`. */
  readonly found: Map<string, FluxSource | MadeArtifact>;
  /** Artifacts that were put together. */
  readonly made: Map<MadeArtifact, SourceOutcome>;
  /** What stands for the fleet repo, by `Kind/namespace/name`. */
  readonly fleet: Set<string>;
  readonly fleetTree: SourceTree;
  readonly resolve: SourceResolver;
}

/** Artifacts made of artifacts, at most so deep. */
const maxDepth = 8;

/** `Kind/namespace/name` of a source. */
export function sourceKey({ kind, namespace, name }: FluxSourceRef): string {
  return `${kind}/${namespace}/${name}`;
}

const sourceGroup = "source.toolkit.fluxcd.io";

/** Notes a rendered source, so that bundles that name it are built. */
export function noteSource(
  sources: KnownSources,
  object: KubeObject,
  defaultNamespace: string,
): void {
  const { group, kind } = gvkOf(object);
  if (group === sourceGroup && kind !== "ExternalArtifact") {
    const source = readFluxSource(object, defaultNamespace);
    sources.found.set(sourceKey(source), source);
  }
  if (kind === "ArtifactGenerator" && group.startsWith("source.extensions.")) {
    for (const made of readArtifactGenerator(object, defaultNamespace)) {
      sources.found.set(sourceKey(made.artifact), made);
    }
  }
}

/** The files of a source that a bundle names. */
export function findSource(
  sources: KnownSources,
  ref: FluxSourceRef,
  depth = 0,
): SourceOutcome {
  const key = sourceKey(ref);
  if (sources.fleet.has(key)) return { kind: "tree", tree: sources.fleetTree };
  const found = sources.found.get(key);
  if (found === undefined) return { kind: "waits" };
  if ("copy" in found) return makeArtifact(sources, found, depth);
  const tree = sources.resolve(found);
  return tree === undefined
    ? refused(
        "SourceElsewhere",
        `${key} is ${found.url || "without a url"}, which is not fetched yet`,
      )
    : { kind: "tree", tree: artifactTree(tree, found.ignore) };
}

function makeArtifact(
  sources: KnownSources,
  made: MadeArtifact,
  depth: number,
): SourceOutcome {
  const known = sources.made.get(made);
  if (known !== undefined) return known;
  if (depth >= maxDepth) {
    return refused("SourceElsewhere", "artifacts are made of one another");
  }
  const trees = new Map<string, SourceTree>();
  for (const [alias, ref] of made.sources) {
    const outcome = findSource(sources, ref, depth + 1);
    if (outcome.kind !== "tree") return outcome;
    trees.set(alias, outcome.tree);
  }
  const copied = copyArtifact(made.copy, trees);
  const outcome: SourceOutcome = copied.ok
    ? { kind: "tree", tree: artifactTree(copied.tree) }
    : refused(
        "SourceElsewhere",
        `${sourceKey(made.artifact)}: ${copied.message}`,
      );
  sources.made.set(made, outcome);
  return outcome;
}

/** What is said of a source that nothing in Git defines. */
export function sourceNotFound(ref: FluxSourceRef): SourceOutcome {
  return refused(
    "SourceNotFound",
    `${sourceKey(ref)} is not the fleet repo, and nothing in Git defines it`,
  );
}

function refused(
  reason: Problem["reason"],
  message: string,
): Extract<SourceOutcome, { kind: "refused" }> {
  return {
    kind: "refused",
    problem: { reason, message: `sourceRef: ${message}` },
  };
}
