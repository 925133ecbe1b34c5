import { type HeldReason } from "@wheelhouse/assignment";
import { type CompiledCluster, type RenderPort } from "@wheelhouse/compile";
import {
  type FleetResult,
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

/** Compiles every cluster of a tree, or the one named; a name that is not there is a problem. What is wrong with one object of the fleet's own hides nothing of the others. */
export async function validateFleet(
  tree: SourceTree,
  port: RenderPort,
  only?: string,
): Promise<Validation> {
  const parsed = parseFleet(tree);
  const fleet = parsed.ok ? parsed.fleet : parsed.readable;
  const wanted = (fleet?.clusters ?? []).filter(
    ({ name }) => only === undefined || name === only,
  );
  const compiled =
    fleet === undefined
      ? []
      : await compileClusters({
          ...{ tree, fleet, clusters: wanted },
          render: renderThrough(port),
        });
  return {
    revision: tree.commit,
    ...(parsed.ok
      ? soundFleet(parsed, compiled, only)
      : {
          clusters: compiled.map((one) => withoutIdle(summarize(one))),
          problems: parsed.problems,
          warnings: [],
        }),
  };
}

function soundFleet(
  { warnings }: Extract<FleetResult, { ok: true }>,
  compiled: readonly CompiledCluster[],
  only: string | undefined,
): Omit<Validation, "revision"> {
  // Offline no cluster can be known from elsewhere: a repo without any is a wrong directory.
  const isNobody = ({ reason }: Problem) => reason === "NoClusters";
  const isMissing = only !== undefined && compiled.length === 0;
  return {
    clusters: compiled.map(summarize),
    problems: isMissing ? [noSuchCluster(only)] : warnings.filter(isNobody),
    warnings: warnings.filter((one) => !isNobody(one)),
  };
}

/** A selector that matches nothing may be meant for a cluster that cannot be read. */
function withoutIdle(cluster: ClusterSummary): ClusterSummary {
  const warnings = cluster.warnings.filter(
    ({ reason }) => reason !== "SelectorMatchesNothing",
  );
  return { ...cluster, warnings };
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
