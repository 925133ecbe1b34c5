import { type BundleReport } from "@wheelhouse/protocol";
import { type VerdictName } from "@wheelhouse/rest-api";
import { describe, expect, it } from "vitest";
import {
  type BundleGrounds,
  type ClusterGrounds,
  bundleBeginning,
  clusterBeginning,
  silenceTimes,
} from "./verdict-beginning.ts";

const at = (minute: number) => `2026-03-01T11:${minute}:00.000Z`;
const ms = (minute: number) => Date.parse(at(minute));
const silence = { staleMs: ms(40), unreachableMs: ms(45) };
const report = { since: at(20) } as BundleReport;

const bundle: BundleGrounds = {
  ...{ silence, report, isCurrent: true, drift: [] },
  ...{ suspendedAt: undefined, issuedAt: at(15) },
};

describe("a bundle's verdict begins", () => {
  it.each<[string, VerdictName, Partial<BundleGrounds>, number]>([
    ["when its spoke says so", "Converged", {}, ms(20)],
    ["when its spoke says so, as it fails", "Degraded", {}, ms(20)],
    [
      "with the issue, until its spoke has told of it",
      "Progressing",
      { report: undefined },
      ms(15),
    ],
    [
      "with the issue, while its spoke tells of the digest before",
      "Progressing",
      { isCurrent: false },
      ms(15),
    ],
    [
      "with its first drift that stands",
      "Drifted",
      { drift: [{ firstSeen: at(31) }, { firstSeen: at(30) }] },
      ms(30),
    ],
    ["when a person froze it", "Held", { suspendedAt: at(32) }, ms(32)],
    ["when it was held for another reason", "Held", {}, ms(20)],
    ["as it falls silent", "Stale", {}, ms(40)],
    ["as its silence lasts", "Unreachable", {}, ms(45)],
    [
      "not in the future",
      "Converged",
      { report: { ...report, since: at(59) } },
      ms(50),
    ],
    [
      "with the issue where its spoke's word is no time",
      "Converged",
      { report: { ...report, since: "soon" } },
      ms(15),
    ],
  ])("%s", (_, verdict, change, expected) => {
    const begun = bundleBeginning(verdict, { ...bundle, ...change }, ms(50));
    expect(begun).toBe(expected);
  });
});

const cluster: ClusterGrounds = {
  ...{ silence, hasLeft: false, hasJoined: true },
  ...{ registeredAt: at(10), joinedAt: at(12), issuedAt: at(15) },
  ...{ leftAt: null, suspendedAt: null },
  bundles: [
    { verdict: "Converged", since: at(20) },
    { verdict: "Converged", since: at(22) },
    { verdict: "Degraded", since: at(26) },
    { verdict: "Degraded", since: at(24) },
  ],
};

describe("a cluster's verdict begins", () => {
  it.each<[string, VerdictName, Partial<ClusterGrounds>, number]>([
    ["with the last bundle that converged", "Converged", {}, ms(22)],
    [
      "with its root, though every bundle is older",
      "Converged",
      { issuedAt: at(35) },
      ms(35),
    ],
    ["with the first bundle in trouble", "Degraded", {}, ms(24)],
    [
      "when it joined, before its first issue",
      "Progressing",
      { issuedAt: null },
      ms(12),
    ],
    ["when it was registered", "Unreachable", { hasJoined: false }, ms(10)],
    [
      "when Git ceased to name it",
      "Held",
      { hasLeft: true, leftAt: at(33) },
      ms(33),
    ],
    ["when it was suspended", "Held", { suspendedAt: at(34) }, ms(34)],
    [
      "as it falls silent, though suspended",
      "Stale",
      { suspendedAt: at(34) },
      ms(40),
    ],
    ["as its silence lasts", "Unreachable", {}, ms(45)],
  ])("%s", (_, verdict, change, expected) => {
    const begun = clusterBeginning(verdict, { ...cluster, ...change }, ms(50));
    expect(begun).toBe(expected);
  });
});

describe("silence is called by its name", () => {
  const heard = {
    ...{ heardMs: 10_000, reportedMs: null, endedMs: null },
    ...{ isOpen: true, root: null },
  };
  const contact = { joinedAgoMs: null, startedMs: 4_000, nowMs: 64_000 };

  it.each([
    ["after the last word", { heard }, 46_000, 301_000],
    [
      "after the end of the last session",
      { heard: { ...heard, endedMs: 14_000 } },
      ...([46_000, 305_000] as const),
    ],
    ["from the hub's start on", { heard: undefined }, -5_000, 295_000],
    [
      "after a join that nothing followed",
      { heard: undefined, joinedAgoMs: 50_000 },
      ...([50_000, 305_000] as const),
    ],
  ] as const)("%s", (_, change, staleMs, unreachableMs) => {
    // The wall says 55 s while the monotonic clock says 64 s.
    expect(silenceTimes({ ...contact, ...change }, 55_000)).toEqual({
      ...{ staleMs, unreachableMs },
    });
  });
});
