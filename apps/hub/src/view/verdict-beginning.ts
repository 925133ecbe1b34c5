import { type BundleReport } from "@wheelhouse/protocol";
import { type VerdictName } from "@wheelhouse/rest-api";
import {
  type ContactSources,
  joinAgeMs,
  staleAfterMs,
  unreachableAfterMs,
} from "@wheelhouse/status";

/** From when on a cluster would be called silent, if it is: by the wall, in milliseconds. */
export interface SilenceTimes {
  readonly staleMs: number;
  readonly unreachableMs: number;
}

/** When silence is called by its name: as long after the last contact as its bound says. A hub that has heard nothing yet has nothing to go by but its own start. */
export function silenceTimes(
  contact: ContactSources,
  wallMs: number,
): SilenceTimes {
  const { heard, startedMs, nowMs } = contact;
  const wallOf = (monotonicMs: number) => wallMs - (nowMs - monotonicMs);
  if (heard !== undefined) {
    return {
      staleMs: wallOf(heard.heardMs) + staleAfterMs,
      unreachableMs:
        wallOf(heard.endedMs ?? heard.heardMs) + unreachableAfterMs,
    };
  }
  const joinedMs = joinAgeMs(contact);
  const beganMs = joinedMs === null ? wallOf(startedMs) : wallMs - joinedMs;
  return {
    staleMs: joinedMs === null ? beganMs : beganMs + staleAfterMs,
    unreachableMs: beganMs + unreachableAfterMs,
  };
}

/** What a bundle's verdict rests on. Times without a unit are RFC 3339. */
export interface BundleGrounds {
  readonly silence: SilenceTimes;
  /** What was reported of it; undefined before that. */
  readonly report: BundleReport | undefined;
  /** Whether that report is about the digest that it is assigned. */
  readonly isCurrent: boolean;
  /** What of it differs now. */
  readonly drift: readonly { readonly firstSeen: string }[];
  /** When a person suspended it; undefined where none did. */
  readonly suspendedAt: string | undefined;
  /** When its assignment was issued. */
  readonly issuedAt: string;
}

/** What a cluster's verdict rests on. Times without a unit are RFC 3339, and null where there is none. */
export interface ClusterGrounds {
  readonly silence: SilenceTimes;
  readonly hasLeft: boolean;
  readonly hasJoined: boolean;
  readonly registeredAt: string | null;
  readonly joinedAt: string | null;
  readonly leftAt: string | null;
  readonly suspendedAt: string | null;
  readonly issuedAt: string | null;
  readonly bundles: readonly {
    readonly verdict: VerdictName;
    readonly since: string;
  }[];
}

/** When a bundle's verdict began, in milliseconds by the wall: by facts alone, so that it is the same for whoever asks, whenever, and after a restart of the hub. */
export function bundleBeginning(
  verdict: VerdictName,
  grounds: BundleGrounds,
  nowMs: number,
): number {
  const { report, isCurrent, drift, suspendedAt, issuedAt } = grounds;
  const silentMs = silenceBeginning(verdict, grounds.silence);
  if (silentMs !== undefined) return silentMs;
  const reported = isCurrent ? report?.since : undefined;
  const begun =
    verdict === "Drifted"
      ? earliest(drift.map(({ firstSeen }) => firstSeen))
      : verdict === "Held"
        ? suspendedAt
        : undefined;
  return timeOf(nowMs, begun, reported, issuedAt);
}

/** When a cluster's verdict began, in milliseconds by the wall. It is Converged since the newest of its assignment and its bundles, and in trouble since the first of its bundles is. */
export function clusterBeginning(
  verdict: VerdictName,
  grounds: ClusterGrounds,
  nowMs: number,
): number {
  const { registeredAt, joinedAt, leftAt, suspendedAt, issuedAt } = grounds;
  if (grounds.hasLeft) return timeOf(nowMs, leftAt, issuedAt, registeredAt);
  if (!grounds.hasJoined) return timeOf(nowMs, registeredAt);
  const silentMs = silenceBeginning(verdict, grounds.silence);
  if (silentMs !== undefined) return silentMs;
  if (verdict === "Held" && suspendedAt !== null) {
    return timeOf(nowMs, suspendedAt);
  }
  const begun = grounds.bundles
    .filter((bundle) => bundle.verdict === verdict)
    .map(({ since }) => Date.parse(since));
  const assignedMs = timeOf(nowMs, issuedAt, joinedAt);
  if (verdict === "Converged") return Math.max(assignedMs, ...begun);
  return begun.length === 0 ? assignedMs : Math.min(...begun);
}

function silenceBeginning(
  verdict: VerdictName,
  { staleMs, unreachableMs }: SilenceTimes,
): number | undefined {
  if (verdict === "Unreachable") return unreachableMs;
  return verdict === "Stale" ? staleMs : undefined;
}

/** The first of the times that is there and is one; never in the future, though the clock that it is from be ahead. */
function timeOf(
  nowMs: number,
  ...times: readonly (string | null | undefined)[]
): number {
  const found = times
    .map((time) => Date.parse(time ?? ""))
    .find((ms) => Number.isFinite(ms));
  return Math.min(found ?? nowMs, nowMs);
}

function earliest(times: readonly string[]): string | undefined {
  return [...times].sort((a, b) => Date.parse(a) - Date.parse(b))[0];
}
