import {
  type AssignmentVersion,
  compareVersions,
} from "@wheelhouse/assignment";
import { compareBytewise } from "@wheelhouse/kube-object";
import { type ClusterFact, type Target } from "./rollout-input.ts";

/** A cluster's fact, with what it runs or is about to run as far as anybody knows. */
export interface KnownCluster extends ClusterFact {
  /** What this hub issued last; or what the spoke acknowledged, where that is later, with the bundles that it reports. */
  readonly newest: (AssignmentVersion & Target) | null;
  /** Whether the store says that `newest` was confirmed. */
  readonly newestConfirmed: boolean;
}

/** The clusters that have joined, by name, in order of name. */
export type Facts = ReadonlyMap<string, KnownCluster>;

/** Those that have joined, in order of name: no outcome depends on the order of the input. */
export function knownClusters(clusters: readonly ClusterFact[]): Facts {
  const joined = clusters.filter(({ joined }) => joined);
  joined.sort((a, b) => compareBytewise(a.name, b.name));
  return new Map(joined.map((fact) => [fact.name, knownCluster(fact)]));
}

function knownCluster(fact: ClusterFact): KnownCluster {
  const learnt = learntFrom(fact);
  return learnt === null
    ? { ...fact, newest: fact.issued, newestConfirmed: fact.issuedConfirmed }
    : { ...fact, newest: learnt, newestConfirmed: false };
}

/** For bundles of which only a report tells: as the fleet format has it where nobody says otherwise. */
const unknownTimeoutMs = 5 * 60_000;

/** A commit that no repository has. */
const unknownCommit = "unknown";

/**
 * What a spoke acknowledged that this hub never issued, or has forgotten:
 * only once it has reported on that very assignment. Null where there is
 * nothing to learn; what is acknowledged and not reported stays unknown.
 */
function learntFrom({
  issued,
  acknowledged,
  report,
}: ClusterFact): KnownCluster["newest"] {
  if (acknowledged === null || report === null) return null;
  if (issued !== null && compareVersions(acknowledged, issued) <= 0) {
    return null;
  }
  const isAboutIt =
    compareVersions(report, acknowledged) === 0 &&
    report.root === acknowledged.root;
  if (!isAboutIt) return null;
  const { epoch, seq, root } = acknowledged;
  return {
    ...{ epoch, seq, root },
    revision: { commit: unknownCommit, lock: root },
    bundles: report.bundles.map(({ name, digest }) => ({
      ...{ name, digest },
      dependsOn: [],
      timeoutMs: unknownTimeoutMs,
    })),
  };
}
