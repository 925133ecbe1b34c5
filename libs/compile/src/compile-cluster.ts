import {
  type Artifact,
  type AssignedBundle,
  type BundleName,
  type Revision,
  digestOfJson,
  rootBundleName,
} from "@wheelhouse/assignment";
import {
  type Cluster,
  type FleetObjects,
  type Problem,
  type SourceTree,
  adviseProblem,
} from "@wheelhouse/fleet-model";
import { compareBytewise } from "@wheelhouse/kube-object";
import { type AssignContext, assignBundle } from "./assigned-bundles.ts";
import { type CompiledCluster } from "./compiled-cluster.ts";
import {
  dependencyCycles,
  missingDependencies,
} from "./dependency-problems.ts";
import { type Exploration } from "./exploration-state.ts";
import { exploreCluster } from "./explored-cluster.ts";
import { type ExploredBundle, heldFor } from "./explored-bundle.ts";
import { objectConflicts } from "./object-conflicts.ts";
import { objectsAskedAbout } from "./ready-expressions.ts";
import { type RenderRequest, type RenderResults } from "./render-request.ts";
import { shareDefinitions } from "./shared-definitions.ts";
import { type SourceResolver } from "./source-trees.ts";

/** One cluster at one revision, and the renders that are known so far. */
export interface CompileInput {
  readonly tree: SourceTree;
  readonly fleet: FleetObjects;
  readonly cluster: Cluster;
  readonly renders: RenderResults;
  /** The files of sources outside the fleet repo; absent: none is at hand. */
  readonly resolveSource?: SourceResolver;
}

/** Either the renders that are still wanted, or the outcome. */
export type CompileStep =
  | {
      readonly kind: "needsRenders";
      readonly requests: readonly RenderRequest[];
    }
  | { readonly kind: "done"; readonly compiled: CompiledCluster };

/** The lock of a revision that uses no external source. */
export const emptyLock = digestOfJson([]);

/**
 * Compiles one cluster as far as the renders reach. Call it again with the
 * results of what it asks for, until it is done: each level of Kustomizations
 * within Kustomizations takes one round.
 */
export function compileCluster(input: CompileInput): CompileStep {
  const explored = exploreCluster(input);
  switch (explored.kind) {
    case "noRoot":
      return failed(input.cluster, [explored.problem], []);
    case "needsRenders":
      return explored;
    case "explored":
      return finish(input, explored.exploration);
  }
}

function finish(input: CompileInput, exploration: Exploration): CompileStep {
  const { cluster, tree } = input;
  const { bundles, selfName } = exploration;
  const warnings = distinct(exploration.warnings);
  if (bundles.get(rootBundleName)?.isExplored !== true) {
    const rootProblems = exploration.problems.filter(
      ({ subject }) => subject === rootBundleName,
    );
    return failed(cluster, rootProblems, warnings);
  }
  const cycles = dependencyCycles(bundles, selfName);
  if (cycles.length > 0) return failed(cluster, cycles, warnings);
  const missing = missingDependencies(bundles, selfName);
  const shared = shareDefinitions([...bundles.values()]);
  const conflicts = objectConflicts(shared, tree);
  if (conflicts.has(rootBundleName)) {
    return failed(cluster, conflicts.get(rootBundleName) ?? [], warnings);
  }
  const found = [missing, conflicts].flatMap((byBundle) =>
    [...byBundle.values()].flat(),
  );
  const problems = distinct([...exploration.problems, ...found]);
  const final = shared.map((bundle) =>
    holdFor(bundle, [
      ...(missing.get(bundle.name) ?? []),
      ...(conflicts.get(bundle.name) ?? []),
    ]),
  );
  return {
    kind: "done",
    compiled: { ...assemble(input, final, selfName), problems, warnings },
  };
}

function failed(
  cluster: Cluster,
  problems: readonly Problem[],
  warnings: readonly Problem[],
): CompileStep {
  return {
    kind: "done",
    compiled: {
      ok: false,
      cluster: cluster.name,
      problems: distinct(problems.map((one) => adviseStranger(cluster, one))),
      warnings,
    },
  };
}

/** Of a cluster that only the hub knows no file says where its root is: what is missing is its object. */
function adviseStranger({ name, source }: Cluster, found: Problem): Problem {
  if (source !== "api" || found.reason !== "MissingDirectory") return found;
  return {
    ...found,
    advice: `Git has no Cluster ${name}, so that this is where its root is looked for. Commit fleet/clusters/${name}.yaml with its spec.path, or take it out of the fleet: wheelhouse cluster remove ${name}`,
  };
}

function holdFor(
  bundle: ExploredBundle,
  problems: readonly Problem[],
): ExploredBundle {
  return problems.length === 0 || bundle.held !== undefined
    ? bundle
    : { ...bundle, held: heldFor(problems) };
}

type Assembled = Omit<
  Extract<CompiledCluster, { ok: true }>,
  "problems" | "warnings"
>;

function assemble(
  { tree, fleet, cluster }: CompileInput,
  explored: readonly ExploredBundle[],
  selfName: string | undefined,
): Assembled {
  const revision: Revision = { commit: tree.commit, lock: emptyLock };
  const bundles: AssignedBundle[] = [];
  const artifacts = new Map<string, Artifact>();
  const unexplored: BundleName[] = [];
  const asked = objectsAskedAbout(explored, selfName);
  const context: AssignContext = {
    config: fleet.config,
    selfName,
    revision,
    asked,
    bundles: new Map(explored.map((bundle) => [bundle.name, bundle])),
  };
  for (const one of explored) {
    const { bundle, artifact } = assignBundle(one, context);
    bundles.push(bundle);
    if (artifact !== undefined) {
      artifacts.set(artifact.reference.digest, artifact);
    }
    if (!one.isExplored) unexplored.push(one.name);
  }
  bundles.sort((a, b) => compareBytewise(a.spec.name, b.spec.name));
  return {
    ok: true,
    cluster: cluster.name,
    bundles,
    artifacts,
    unexplored: unexplored.sort(compareBytewise),
  };
}

/** Each problem once, with advice, in a stable order: by subject, then by place. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const byText = new Map(
    problems.map((problem) => [
      `${problem.subject}\0${placeOf(problem)}\0${problem.message}`,
      adviseProblem(problem),
    ]),
  );
  return [...byText]
    .sort(([a], [b]) => compareBytewise(a, b))
    .map(([, problem]) => problem);
}

/** Sorts as a file is read: line 4 before line 14. */
function placeOf({ location }: Problem): string {
  const { file = "", line = 0 } = location ?? {};
  return `${file}\0${String(line).padStart(9, "0")}`;
}
