import {
  type AssignmentVersion,
  type Digest,
  compareVersions,
} from "@wheelhouse/assignment";
import { compareBytewise } from "@wheelhouse/kube-object";
import { isFresh } from "./freshness.ts";
import {
  type BundleFact,
  type ClusterFact,
  type ReportFact,
  type Target,
} from "./rollout-input.ts";
import { unreadyBundles } from "./unready-bundles.ts";

/** A cluster's fact, with what it runs or is about to run as far as anybody knows. */
export interface KnownCluster extends ClusterFact {
  /** What this hub issued last; or what the spoke acknowledged, where that is later, with the bundles that it reports. */
  readonly newest: (AssignmentVersion & Target) | null;
  /** Whether the store says that `newest` was confirmed. */
  readonly newestConfirmed: boolean;
  /** The report, where it is fresh and about exactly `newest`; else null. */
  readonly exact: ReportFact | null;
  /** Bundles of `exact` that are not Ready, without those that nobody waits for. */
  readonly unready: readonly BundleFact[];
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
  const newest = learnt ?? fact.issued;
  const exact = isAbout(fact.report, newest) && isFresh(fact);
  return {
    ...fact,
    newest,
    newestConfirmed: learnt === null && fact.issuedConfirmed,
    exact: exact ? fact.report : null,
    unready: exact ? unreadyBundles(newest, fact.report?.bundles ?? []) : [],
  };
}

function isAbout(
  report: ReportFact | null,
  named: (AssignmentVersion & { readonly root: Digest }) | null,
): boolean {
  return (
    report !== null &&
    named !== null &&
    compareVersions(report, named) === 0 &&
    report.root === named.root
  );
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
  if (!isAbout(report, acknowledged)) return null;
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
