import { describe, expect, it } from "vitest";
import {
  type ContactSources,
  type HeardTimes,
  type Standing,
  computeStandingVerdict,
  computeVerdictBasis,
  joinAgeMs,
} from "./verdict-basis.ts";
import { staleAfterMs, unreachableAfterMs } from "./verdict.ts";

const open: HeardTimes = {
  ...{ heardMs: 9_000, reportedMs: 4_000, endedMs: null, isOpen: true },
  root: "sha256:1",
};
const at = (change: Partial<ContactSources> = {}): ContactSources => ({
  ...{ heard: open, joinedAgoMs: null, startedMs: 0, nowMs: 10_000 },
  ...change,
});
const joined: Standing = {
  ...{ hasLeft: false, hasJoined: true, isSuspended: false },
};

describe("what a verdict is judged from", () => {
  it.each<[string, Partial<ContactSources>, unknown]>([
    ["is an open session", {}, [0, 1_000, "sha256:1", 6_000]],
    [
      "has no report yet",
      { heard: { ...open, reportedMs: null, root: null } },
      [0, 1_000, null, null],
    ],
    [
      "is a session that has ended",
      { heard: { ...open, isOpen: false, endedMs: 9_500 } },
      [500, 1_000, "sha256:1", 6_000],
    ],
    [
      "is a hub that has just started, and heard nobody",
      { heard: undefined, startedMs: 7_000 },
      [3_000, null, null, null],
    ],
    [
      "is a join after the hub's start",
      { heard: undefined, joinedAgoMs: 2_000 },
      [2_000, 2_000, null, null],
    ],
    [
      "is no join from before the hub's start",
      { heard: undefined, joinedAgoMs: 20_000 },
      [10_000, null, null, null],
    ],
  ])("%s", (_, change, expected) => {
    const { contact, root, ageMs } = computeVerdictBasis(at(change));
    expect([
      ...[contact.sessionAgeMs, contact.heartbeatAgeMs, root, ageMs],
    ]).toEqual(expected);
  });

  it("is never in the future, though the wall be set back", () => {
    expect(joinAgeMs(at({ joinedAgoMs: -5_000 }))).toBe(0);
  });
});

describe("a cluster", () => {
  const basis = computeVerdictBasis(at());
  const gone = computeVerdictBasis(at({ nowMs: 9_000 + unreachableAfterMs }));
  const silent = computeVerdictBasis(at({ nowMs: 9_000 + staleAfterMs }));

  it.each([
    ["is as its bundles are", joined, basis, "Degraded"],
    [
      "is Held while suspended, before Degraded",
      { ...joined, isSuspended: true },
      basis,
      "Held",
    ],
    [
      "is Stale, though suspended",
      { ...joined, isSuspended: true },
      silent,
      "Stale",
    ],
    [
      "is Held once it has left, though silent",
      { ...joined, hasLeft: true },
      gone,
      "Held",
    ],
    [
      "is Unreachable before it joins, whatever was heard",
      { ...joined, hasJoined: false },
      basis,
      "Unreachable",
    ],
  ] as const)("%s", (_, standing, from, verdict) => {
    const judged = computeStandingVerdict(standing, from, ["Degraded"]);
    expect(judged.verdict).toBe(verdict);
  });

  it("keeps the root and age of the report in its verdict", () => {
    for (const hasLeft of [true, false]) {
      const judged = computeStandingVerdict({ ...joined, hasLeft }, basis, []);
      expect(judged).toMatchObject({ root: "sha256:1", ageMs: 6_000 });
    }
  });
});
