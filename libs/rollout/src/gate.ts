import { type BundleName } from "@wheelhouse/assignment";
import { compareBytewise } from "@wheelhouse/kube-object";
import { isFresh } from "./freshness.ts";
import { type KnownCluster } from "./known-cluster.ts";
import { type BundleFact, type Target } from "./rollout-input.ts";
import { formatDuration } from "./duration.ts";
import { isBundleReady } from "./unready-bundles.ts";
import { idleBundles, isIdle, shortName } from "./idle-bundles.ts";

/**
 * The bundles that a gate looks at: those that differ between what was issued
 * and the target, those of `carried` (changed by an issue that was never
 * confirmed), and all of the target that depend on them, however far; but
 * for those that its spoke does not apply at all. Sorted.
 */
export function gatedBundles(
  issued: Target | null,
  target: Target,
  carried: readonly BundleName[],
): readonly BundleName[] {
  const before = new Map(issued?.bundles.map((b) => [b.name, b.digest]));
  const carriedNames = new Set(carried);
  const gated = target.bundles
    .filter(
      ({ name, digest }) =>
        before.get(name) !== digest || carriedNames.has(name),
    )
    .map(({ name }) => name);
  return withoutIdle(target, withDependants(target, gated)).sort(
    compareBytewise,
  );
}

/** Those of these bundles that the spoke applies: one that waits for an idle one stays, since it may be applied already. */
export function withoutIdle(
  target: Target,
  names: readonly BundleName[],
): BundleName[] {
  const idle = idleBundles(target);
  return names.filter((name) => idle.get(name)?.own !== true);
}

function withDependants(target: Target, names: BundleName[]): BundleName[] {
  const dependants = new Map<BundleName, BundleName[]>();
  for (const { name, dependsOn } of target.bundles) {
    for (const dependency of dependsOn) {
      const known = dependants.get(dependency);
      if (known === undefined) dependants.set(dependency, [name]);
      else known.push(name);
    }
  }
  const found = new Set(names);
  // A set that grows while it is walked yields what was added.
  for (const name of found) {
    for (const dependant of dependants.get(name) ?? []) found.add(dependant);
  }
  return [...found];
}

/**
 * What keeps a cluster's gate shut, in words for a person, most telling
 * first; empty where its demand holds now: a fresh report of exactly what was
 * issued, with every gated bundle applied at its digest and Ready, but for
 * those that are suspended, held or wait for such a one.
 */
export function gateShortfall(
  fact: KnownCluster,
  gated: readonly BundleName[],
): readonly string[] {
  const { exact: report } = fact;
  if (report === null || fact.newest === null) return [unheard(fact)];
  const reported = new Map(report.bundles.map((b) => [b.name, b]));
  const wanted = new Map(fact.newest.bundles.map((b) => [b.name, b.digest]));
  const idle = idleBundles(fact.newest);
  return gated.flatMap((name) => {
    if (idle.get(name)?.own === true) return [];
    const bundle = reported.get(name);
    if (!wanted.has(name)) return [];
    if (bundle === undefined) return [`${shortName(name)}: not reported`];
    if (bundle.digest !== wanted.get(name)) {
      return [`${shortName(name)}: digest differs`];
    }
    return isBundleReady(bundle) || isIdle(bundle, idle)
      ? []
      : [bundleShortfall(bundle)];
  });
}

function bundleShortfall(bundle: BundleFact): string {
  const { name, message } = bundle;
  if (message !== "") return `${shortName(name)}: ${message}`;
  if (bundle.failed) return `${shortName(name)}: failed`;
  const isApplied = bundle.applied === bundle.digest;
  return `${shortName(name)}: ${isApplied ? "not Ready" : "not applied"}`;
}

/** Why there is no report that a gate may look at. */
function unheard(fact: KnownCluster): string {
  const { newest, report, heardAgoMs, acknowledged } = fact;
  if (newest === null) return "nothing is issued";
  if (heardAgoMs === null) return "not connected";
  if (!isFresh(fact)) return `heard ${formatDuration(heardAgoMs)} ago`;
  if (acknowledged === null) return "not acknowledged";
  if (report === null) return "no report in this session";
  return report.root === newest.root
    ? "reports an earlier version"
    : "root differs";
}
