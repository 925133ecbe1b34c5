import { type HeldReason } from "@wheelhouse/assignment";
import { type CompiledCluster, type RenderPort } from "@wheelhouse/compile";
import {
  type Problem,
  type SourceTree,
  adviseProblem,
  parseFleet,
} from "@wheelhouse/fleet-model";
import { compileClusters, renderThrough } from "@wheelhouse/render";

/** A bundle as `validate -o json` names it. */
export interface BundleSummary {
  readonly name: string;
  readonly digest: string;
  readonly objects: number;
  readonly held: HeldReason | null;
}

/** What one cluster would run, and what is wrong with it. */
export interface ClusterSummary {
  readonly name: string;
  readonly ok: boolean;
  readonly bundles: readonly BundleSummary[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** A repository's validation: `problems` concern the fleet as a whole. */
export interface Validation {
  readonly revision: string;
  readonly clusters: readonly ClusterSummary[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Whether anything is wrong; warnings are not. */
export function hasFindings({ problems, clusters }: Validation): boolean {
  return (
    problems.length > 0 ||
    clusters.some((cluster) => cluster.problems.length > 0)
  );
}

/** Compiles every cluster of a tree, or the one named; a name that is not there is a problem. */
export async function validateFleet(
  tree: SourceTree,
  port: RenderPort,
  only?: string,
): Promise<Validation> {
  const revision = tree.commit;
  const parsed = parseFleet(tree);
  if (!parsed.ok) {
    return { revision, clusters: [], problems: parsed.problems, warnings: [] };
  }
  const { fleet } = parsed;
  // Offline no cluster can be known from elsewhere: a repo without any is a wrong directory.
  const isNobody = ({ reason }: Problem) => reason === "NoClusters";
  const warnings = parsed.warnings.filter((one) => !isNobody(one));
  const nobody = parsed.warnings.filter(isNobody);
  const wanted = fleet.clusters.filter(
    ({ name }) => only === undefined || name === only,
  );
  const render = renderThrough(port);
  const compiled = await compileClusters({
    ...{ tree, fleet, clusters: wanted, render },
  });
  const isMissing = only !== undefined && wanted.length === 0;
  return {
    revision,
    clusters: compiled.map(summarize),
    problems: isMissing ? [noSuchCluster(only)] : nobody,
    warnings,
  };
}

function noSuchCluster(name: string): Problem {
  return adviseProblem({
    reason: "ClusterNotFound",
    subject: `Cluster/${name}`,
    message: "no Cluster object has this name",
  });
}

function summarize(compiled: CompiledCluster): ClusterSummary {
  const { ok, cluster, problems, warnings } = compiled;
  const bundles = compiled.ok ? compiled.bundles : [];
  return {
    name: cluster,
    ok,
    bundles: bundles.map(({ spec, digest }) => ({
      name: spec.name,
      digest,
      objects: spec.artifact?.objects ?? 0,
      held: spec.held,
    })),
    problems,
    warnings,
  };
}
