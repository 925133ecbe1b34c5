import {
  type JudgedVerdict,
  type Verdict,
  type VerdictBasis,
  computeClusterVerdict,
} from "./verdict.ts";

/** When a hub heard a cluster's spoke, by its monotonic clock, in milliseconds. */
export interface HeardTimes {
  readonly heardMs: number;
  /** Null before the first report. */
  readonly reportedMs: number | null;
  /** When the last session ended; null while one is open. */
  readonly endedMs: number | null;
  readonly isOpen: boolean;
  /** The root that the newest report is about. */
  readonly root: string | null;
}

/** What a hub knows of its contact with one cluster. */
export interface ContactSources {
  /** Undefined where nothing was heard since this hub started. */
  readonly heard: HeardTimes | undefined;
  /** Milliseconds since it joined, by the wall; null where it never did. */
  readonly joinedAgoMs: number | null;
  /** When the hub started, and now, by its monotonic clock. */
  readonly startedMs: number;
  readonly nowMs: number;
}

/** How a cluster stands to the fleet. */
export interface Standing {
  /** Git named it and does not any more. */
  readonly hasLeft: boolean;
  readonly hasJoined: boolean;
  readonly isSuspended: boolean;
}

const neverHeard: VerdictBasis = {
  contact: { sessionAgeMs: null, heartbeatAgeMs: null },
  root: null,
  ageMs: null,
};

/** How long ago a cluster joined, in milliseconds, where that was after this hub started: it then was the first that the hub heard of it. Else null. */
export function joinAgeMs({
  joinedAgoMs,
  startedMs,
  nowMs,
}: Omit<ContactSources, "heard">): number | null {
  const ageMs = joinedAgoMs === null ? null : Math.max(0, joinedAgoMs);
  return ageMs !== null && ageMs < nowMs - startedMs ? ageMs : null;
}

/** What a verdict is judged from. A hub that has just started knows no more than that it heard nothing since: Stale at first, Unreachable when that lasts. */
export function computeVerdictBasis(sources: ContactSources): VerdictBasis {
  const { heard, startedMs, nowMs } = sources;
  if (heard === undefined) {
    const joinedMs = joinAgeMs(sources);
    const sessionAgeMs = joinedMs ?? nowMs - startedMs;
    return {
      ...neverHeard,
      contact: { sessionAgeMs, heartbeatAgeMs: joinedMs },
    };
  }
  const { heardMs, reportedMs, endedMs, isOpen, root } = heard;
  return {
    contact: {
      sessionAgeMs: isOpen ? 0 : nowMs - (endedMs ?? heardMs),
      heartbeatAgeMs: nowMs - heardMs,
    },
    root,
    ageMs: reportedMs === null ? null : nowMs - reportedMs,
  };
}

/** The verdict of a cluster as it stands. One that left is stopped on purpose: that nothing is heard of it is no news. One that is suspended is held, however well it runs what it has. */
export function computeStandingVerdict(
  { hasLeft, hasJoined, isSuspended }: Standing,
  basis: VerdictBasis,
  bundles: readonly Verdict[],
): JudgedVerdict {
  const { root, ageMs } = basis;
  if (hasLeft) return { verdict: "Held", root, ageMs };
  return computeClusterVerdict(
    hasJoined ? basis : neverHeard,
    isSuspended ? [...bundles, "Held"] : bundles,
  );
}
