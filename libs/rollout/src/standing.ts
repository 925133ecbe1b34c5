import { compareVersions } from "@wheelhouse/assignment";
import { freshnessMs, isFresh } from "./freshness.ts";
import { gatedBundles } from "./gate.ts";
import { type KnownCluster } from "./known-cluster.ts";
import { type ClusterProgress } from "./rollout-state.ts";

/** Where a cluster stands toward its wave's budgets. */
export interface Standing {
  /** Issued and not confirmed, as far as anybody can know: fills a place in maxConcurrency. */
  readonly inFlight: boolean;
  /** Fills a place in maxUnavailable. */
  readonly unavailable: boolean;
  /** That it is in flight is this rollout's own doing: then a newer target adds nothing. */
  readonly knownInFlight: boolean;
  /** That it is unavailable is known by its own fresh report, or by this rollout's issue, and not merely for want of knowledge. */
  readonly knownUnavailable: boolean;
}

/** Computes where a cluster stands. What is not known counts as taken, and never as free (S16). */
export function standingOf(
  fact: KnownCluster,
  progress: ClusterProgress,
): Standing {
  const inFlight = isInFlight(fact, progress);
  // Of what a lost hub left in flight nobody knows whether it still is.
  const knownInFlight =
    inFlight &&
    !isUnknown(fact, progress) &&
    progress.asked !== null &&
    fact.isOfEarlierEpoch !== true;
  const isNotReady = !inFlight && reportsNotReady(fact, progress);
  // Skipping forgives absence, not ignorance: what it runs has to be known.
  const isSkipped = progress.skipped && fact.newest !== null;
  const isExcluded =
    isSkipped || progress.late || fact.suspended || isUntouched(fact);
  return {
    inFlight,
    knownInFlight,
    unavailable:
      inFlight ||
      (!isExcluded &&
        (isNotReady || !isFresh(fact) || isWithoutExactReport(fact))),
    knownUnavailable: knownInFlight || isNotReady,
  };
}

/** Whether a cluster is offline as the offline policy has it: this rollout has waited for it long enough for any spoke to reconnect, also after the hub's own restart (S16). */
export function isAway(fact: KnownCluster, progress: ClusterProgress): boolean {
  return !isFresh(fact) && progress.awayMs >= freshnessMs;
}

/** Heard of, and runs nothing of ours yet. */
function isUntouched(fact: KnownCluster): boolean {
  return fact.newest === null && isFresh(fact);
}

function isWithoutExactReport(fact: KnownCluster): boolean {
  return fact.newest !== null && fact.exact === null;
}

/** Whether the cluster runs, or may run, something that was never confirmed. Superseding it changes nothing. */
export function isInFlight(
  fact: KnownCluster,
  progress: ClusterProgress,
): boolean {
  if (isUnknown(fact, progress) || isPending(fact, progress)) return true;
  return fact.newest !== null && !isConfirmed(fact, progress);
}

/** Whether the newest assignment known of was confirmed, ever. */
export function isConfirmed(
  fact: KnownCluster,
  progress: ClusterProgress,
): boolean {
  if (isUnknown(fact, progress) || isPending(fact, progress)) return false;
  if (fact.newest === null) return false;
  if (fact.newestConfirmed) return true;
  return progress.confirmed && isTallied(fact, progress);
}

/** Whether what progress tallies is about the newest assignment known of. */
export function isTallied(
  fact: KnownCluster,
  progress: ClusterProgress,
): boolean {
  const { newest } = fact;
  const { version } = progress;
  if (newest === null || version === null) return false;
  return compareVersions(version, newest) === 0;
}

/** Whether somebody knows of a later assignment than the facts do: the hub has lost state. */
export function isUnknown(
  fact: KnownCluster,
  progress: ClusterProgress,
): boolean {
  const { newest, acknowledged } = fact;
  if (mayHaveMoved(fact)) return true;
  const isLater = (version: ClusterProgress["version"]): boolean =>
    version !== null &&
    (newest === null || compareVersions(version, newest) > 0);
  // A new incarnation of a name has neither issue nor acknowledgement.
  if (newest === null && acknowledged === null && isFresh(fact)) return false;
  return isLater(acknowledged) || isLater(progress.version);
}

/** Whether a hub whose state is lost may have issued more than this one knows of: until the spoke says what it acknowledged (S16). */
function mayHaveMoved({ isOfEarlierEpoch, heardAgoMs }: KnownCluster): boolean {
  return isOfEarlierEpoch === true && heardAgoMs === null;
}

/** Whether an issue was asked for that the facts do not show yet. */
function isPending(fact: KnownCluster, progress: ClusterProgress): boolean {
  return progress.asked !== null && progress.asked.root !== fact.newest?.root;
}

/** Whether a fresh and exact report has a bundle that is not Ready, and neither idle nor excused. */
export function reportsNotReady(
  fact: KnownCluster,
  progress: ClusterProgress,
): boolean {
  const { unready: broken } = fact;
  if (broken.length === 0) return false;
  const excused = new Set(progress.excused);
  const gated = progress.touched ? [] : changesAhead(fact);
  return broken.some(({ name }) => !excused.has(name) || gated.includes(name));
}

/** What its target would change: that is not excused, even where it was not Ready before. */
function changesAhead(fact: KnownCluster): readonly string[] {
  const { newest, target } = fact;
  return target === null ? [] : gatedBundles(newest, target, []);
}
