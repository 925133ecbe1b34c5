import { type BundleName, compareVersions } from "@wheelhouse/assignment";
import { type WaveSpec } from "@wheelhouse/fleet-model";
import { formatDuration } from "./duration.ts";
import { exactReport, isFresh } from "./freshness.ts";
import { gateShortfall, unreadyBundles, withoutIdle } from "./gate.ts";
import { shortName } from "./idle-bundles.ts";
import {
  type ClusterFact,
  type ReportFact,
  type Target,
} from "./rollout-input.ts";
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
  fact: ClusterFact,
  spec: WaveSpec,
  elapsedMs: number,
): ClusterProgress {
  const seen = addAbsence(progress, fact, elapsedMs);
  const rebased = excuse(rebase(seen, fact), fact);
  if (fact.issued === null || !isTallied(fact, rebased)) return rebased;
  const timed = addTimes(rebased, fact, elapsedMs);
  const confirmed =
    timed.confirmed ||
    fact.issuedConfirmed ||
    (timed.readySession !== null && timed.readyMs >= spec.minReadyMs);
  const observed =
    confirmed === timed.confirmed ? timed : { ...timed, confirmed };
  const failed = failureOf(observed, fact, spec);
  return failed === observed.failed ? observed : { ...observed, failed };
}

/** After a restart everybody is away at first: what counts is the time in which nobody called. */
function addAbsence(
  progress: ClusterProgress,
  fact: ClusterFact,
  elapsedMs: number,
): ClusterProgress {
  const awayMs = isFresh(fact) ? 0 : progress.awayMs + elapsedMs;
  return awayMs === progress.awayMs ? progress : { ...progress, awayMs };
}

/** Starts all tallies anew when another version was issued. */
function rebase(progress: ClusterProgress, fact: ClusterFact): ClusterProgress {
  const { issued } = fact;
  const { version, asked } = progress;
  if (issued === null) return forgetIncarnation(progress, fact);
  if (version !== null && compareVersions(issued, version) <= 0) {
    return progress;
  }
  const isOwn = asked?.root === issued.root;
  return {
    ...createProgress(progress.wave, progress.late),
    version: { epoch: issued.epoch, seq: issued.seq },
    skipped: progress.skipped,
    awayMs: progress.awayMs,
    touched: progress.touched || !fact.issuedConfirmed,
    confirmed: fact.issuedConfirmed,
    asked: isOwn ? asked : null,
    // What somebody else issued has to prove itself whole.
    gated: isOwn
      ? progress.gated
      : withoutIdle(
          issued,
          issued.bundles.map(({ name }) => name),
        ),
    excused: isOwn || version === null ? progress.excused : [],
  };
}

/** A cluster that is heard of, and says that it has nothing, is a new incarnation: the old one's tallies are not its own. */
function forgetIncarnation(
  progress: ClusterProgress,
  fact: ClusterFact,
): ClusterProgress {
  const { wave, late, asked, skipped, gated } = progress;
  const isNew = fact.acknowledged === null && isFresh(fact);
  if (!isNew || progress.version === null) return progress;
  return { ...createProgress(wave, late), asked, skipped, gated };
}

/** Remembers, once in a generation, what was not Ready before. */
function excuse(progress: ClusterProgress, fact: ClusterFact): ClusterProgress {
  if (progress.excused !== null) return progress;
  if (fact.issued === null) return progress;
  if (progress.touched) return { ...progress, excused: [] };
  const report = exactReport(fact);
  if (report === null) return progress;
  return { ...progress, excused: brokenBundles(fact.issued, report) };
}

function brokenBundles(
  issued: Target,
  report: ReportFact,
): readonly BundleName[] {
  return unreadyBundles(issued, report.bundles).map(({ name }) => name);
}

function addTimes(
  progress: ClusterProgress,
  fact: ClusterFact,
  elapsedMs: number,
): ClusterProgress {
  if (!progress.touched) return progress;
  const report = exactReport(fact);
  const isOpen =
    report !== null && gateShortfall(fact, progress.gated).length === 0;
  const session = isOpen ? report.session : null;
  const isUnbroken = session !== null && session === progress.readySession;
  const isTimed = isFresh(fact) && !progress.confirmed;
  return {
    ...progress,
    heardMs: progress.heardMs + (isTimed ? elapsedMs : 0),
    readySession: session,
    readyMs: isUnbroken ? progress.readyMs + elapsedMs : 0,
    unreadyMs:
      report === null
        ? progress.unreadyMs
        : addUnready(progress, report, elapsedMs),
  };
}

function addUnready(
  { gated, unreadyMs }: ClusterProgress,
  report: ReportFact,
  elapsedMs: number,
): ClusterProgress["unreadyMs"] {
  const names = new Set(gated);
  const waiting = report.bundles.filter(
    (b) => names.has(b.name) && b.applied === b.digest && !b.ready,
  );
  return Object.fromEntries(
    waiting.map(({ name }) => {
      const before = unreadyMs[name];
      return [name, before === undefined ? 0 : before + elapsedMs];
    }),
  );
}

/** Why the cluster fails, as its gate sees it; what was known stays while nothing newer is heard. */
function failureOf(
  progress: ClusterProgress,
  fact: ClusterFact,
  spec: WaveSpec,
): string | null {
  if (!progress.touched) return null;
  const report = exactReport(fact);
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
  fact: ClusterFact,
  report: ReportFact,
): string | null {
  const gated = new Set(progress.gated);
  const failed = report.bundles.find((b) => gated.has(b.name) && b.failed);
  if (failed !== undefined) {
    const message = failed.message === "" ? "failed" : failed.message;
    return `${shortName(failed.name)}: ${message}`;
  }
  const expired = fact.issued?.bundles.find(
    ({ name, timeoutMs }) =>
      gated.has(name) && (progress.unreadyMs[name] ?? -1) >= timeoutMs,
  );
  if (expired === undefined) return null;
  const timeout = formatDuration(expired.timeoutMs);
  return `${shortName(expired.name)}: not Ready at its timeout of ${timeout}`;
}
