import { compareVersions } from "@wheelhouse/assignment";
import { type WaveSpec } from "@wheelhouse/fleet-model";
import { formatDuration } from "./duration.ts";
import { freshnessMs, isFresh } from "./freshness.ts";
import { gateShortfall, withoutIdle } from "./gate.ts";
import { shortName } from "./idle-bundles.ts";
import { type KnownCluster } from "./known-cluster.ts";
import { type ReportFact } from "./rollout-input.ts";
import { type ClusterProgress } from "./rollout-state.ts";
import { isTallied } from "./standing.ts";

/** A cluster of which nothing is known yet. */
export function createProgress(wave: number, late: boolean): ClusterProgress {
  return {
    wave,
    late,
    asked: null,
    version: null,
    touched: false,
    heardMs: 0,
    awayMs: 0,
    readyMs: 0,
    readySession: null,
    unreadyMs: {},
    confirmed: false,
    failed: null,
    tolerated: false,
    skipped: false,
    gated: [],
    excused: null,
  };
}

/** Takes in what the facts say of one cluster, `elapsedMs` after they were last looked at. */
export function observeCluster(
  progress: ClusterProgress,
  fact: KnownCluster,
  spec: WaveSpec,
  elapsedMs: number,
): ClusterProgress {
  const seen = addAbsence(progress, fact, elapsedMs);
  const rebased = excuse(rebase(seen, fact), fact);
  if (fact.newest === null || !isTallied(fact, rebased)) return rebased;
  const timed = addTimes(rebased, fact, spec, elapsedMs);
  const confirmed =
    timed.confirmed ||
    fact.newestConfirmed ||
    (timed.readySession !== null && timed.readyMs >= spec.minReadyMs);
  const observed =
    confirmed === timed.confirmed ? timed : { ...timed, confirmed };
  const failed = failureOf(observed, fact, spec);
  return failed === observed.failed ? observed : { ...observed, failed };
}

/** After a restart everybody is away at first: what counts is the time in which nobody called. */
function addAbsence(
  progress: ClusterProgress,
  fact: KnownCluster,
  elapsedMs: number,
): ClusterProgress {
  // What is away is no more so later: a tally that ends its growth is not stored again and again.
  const awayMs = isFresh(fact)
    ? 0
    : Math.min(freshnessMs, progress.awayMs + elapsedMs);
  return awayMs === progress.awayMs ? progress : { ...progress, awayMs };
}

/** Starts all tallies anew when another version was issued. */
function rebase(
  progress: ClusterProgress,
  fact: KnownCluster,
): ClusterProgress {
  const { newest } = fact;
  const { version, asked } = progress;
  if (newest === null) return forgetIncarnation(progress, fact);
  const order = version === null ? 1 : compareVersions(newest, version);
  if (order === 0 || (order < 0 && !isTakenUp(fact))) return progress;
  const isOwn = asked?.root === newest.root;
  return {
    ...createProgress(progress.wave, progress.late),
    version: { epoch: newest.epoch, seq: newest.seq },
    skipped: progress.skipped,
    awayMs: progress.awayMs,
    touched: progress.touched || !fact.newestConfirmed,
    confirmed: fact.newestConfirmed,
    asked: isOwn ? asked : null,
    // What somebody else issued has to prove itself whole.
    gated: isOwn
      ? progress.gated
      : withoutIdle(
          newest,
          newest.bundles.map(({ name }) => name),
        ),
    excused: isOwn || version === null ? progress.excused : [],
  };
}

/** What the spoke runs is what was issued to it: a later version that was tallied is that of another incarnation, or was never there. */
function isTakenUp({ issued, acknowledged, newest }: KnownCluster): boolean {
  if (issued === null || acknowledged === null || newest === null) return false;
  return (
    compareVersions(acknowledged, issued) === 0 &&
    compareVersions(newest, issued) === 0
  );
}

/** A cluster that is heard of, and says that it has nothing, is a new incarnation: the old one's tallies are not its own. */
function forgetIncarnation(
  progress: ClusterProgress,
  fact: KnownCluster,
): ClusterProgress {
  const { wave, late, asked, skipped, gated } = progress;
  const isNew = fact.acknowledged === null && isFresh(fact);
  if (!isNew || progress.version === null) return progress;
  return { ...createProgress(wave, late), asked, skipped, gated };
}

/** Remembers, once in a generation, what was not Ready before. */
function excuse(
  progress: ClusterProgress,
  fact: KnownCluster,
): ClusterProgress {
  if (progress.excused !== null) return progress;
  if (fact.newest === null) return progress;
  if (progress.touched) return { ...progress, excused: [] };
  if (fact.exact === null) return progress;
  return { ...progress, excused: fact.unready.map(({ name }) => name) };
}

function addTimes(
  progress: ClusterProgress,
  fact: KnownCluster,
  spec: WaveSpec,
  elapsedMs: number,
): ClusterProgress {
  if (!progress.touched) return progress;
  const report = fact.exact;
  const unreadyMs =
    report === null
      ? progress.unreadyMs
      : addUnready(progress, fact, report, elapsedMs);
  const timed =
    unreadyMs === progress.unreadyMs ? progress : { ...progress, unreadyMs };
  return timed.confirmed ? timed : addGateTimes(timed, fact, spec, elapsedMs);
}

function addGateTimes(
  progress: ClusterProgress,
  fact: KnownCluster,
  { progressDeadlineMs }: WaveSpec,
  elapsedMs: number,
): ClusterProgress {
  const report = fact.exact;
  const isOpen =
    report !== null && gateShortfall(fact, progress.gated).length === 0;
  const session = isOpen ? report.session : null;
  const isUnbroken = session !== null && session === progress.readySession;
  const heardMs = progress.heardMs + (isFresh(fact) ? elapsedMs : 0);
  return {
    ...progress,
    heardMs: Math.min(heardMs, progressDeadlineMs),
    readySession: session,
    readyMs: isUnbroken ? progress.readyMs + elapsedMs : 0,
  };
}

const noneUnready: ClusterProgress["unreadyMs"] = {};

function addUnready(
  { gated, unreadyMs }: ClusterProgress,
  { newest }: KnownCluster,
  report: ReportFact,
  elapsedMs: number,
): ClusterProgress["unreadyMs"] {
  const unready = report.bundles.filter(
    (b) => b.applied === b.digest && !b.ready,
  );
  if (unready.length === 0) {
    return Object.keys(unreadyMs).length === 0 ? unreadyMs : noneUnready;
  }
  const names = new Set(gated);
  const timeouts = new Map(newest?.bundles.map((b) => [b.name, b.timeoutMs]));
  return Object.fromEntries(
    unready
      .filter(({ name }) => names.has(name))
      .map(({ name }) => {
        const before = unreadyMs[name];
        const addedMs = before === undefined ? 0 : before + elapsedMs;
        return [name, Math.min(addedMs, timeouts.get(name) ?? addedMs)];
      }),
  );
}

/** Why the cluster fails, as its gate sees it; what was known stays while nothing newer is heard. */
function failureOf(
  progress: ClusterProgress,
  fact: KnownCluster,
  spec: WaveSpec,
): string | null {
  if (!progress.touched) return null;
  const report = fact.exact;
  const broken =
    report === null ? progress.failed : bundleFailure(progress, fact, report);
  if (broken !== null) return broken;
  const isLate = progress.heardMs >= spec.progressDeadlineMs;
  return isLate && !progress.confirmed
    ? `not confirmed ${formatDuration(spec.progressDeadlineMs)} after issue`
    : null;
}

function bundleFailure(
  progress: ClusterProgress,
  fact: KnownCluster,
  report: ReportFact,
): string | null {
  const gated = new Set(progress.gated);
  const failed = report.bundles.find((b) => gated.has(b.name) && b.failed);
  if (failed !== undefined) {
    const message = failed.message === "" ? "failed" : failed.message;
    return `${shortName(failed.name)}: ${message}`;
  }
  const expired = fact.newest?.bundles.find(
    ({ name, timeoutMs }) =>
      gated.has(name) && (progress.unreadyMs[name] ?? -1) >= timeoutMs,
  );
  if (expired === undefined) return null;
  const timeout = formatDuration(expired.timeoutMs);
  return `${shortName(expired.name)}: not Ready at its timeout of ${timeout}`;
}
