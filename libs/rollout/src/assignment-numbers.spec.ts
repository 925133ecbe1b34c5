import { type AssignmentVersion, maxSeqJump } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import {
  type IssuedNumber,
  afterIssue,
  maxLeap,
  maxLeaps,
  nextVersion,
  numberAdvice,
} from "./assignment-numbers.ts";

const epoch = 2;

const issued = (seq: number, leaps = 0, at = epoch): IssuedNumber => ({
  ...{ epoch: at, seq, leaps },
});

const claimed = (seq: number, at = epoch): AssignmentVersion => ({
  ...{ epoch: at, seq },
});

const next = (
  issuedNumber: IssuedNumber | null,
  acknowledgedFloor: AssignmentVersion | null = null,
) => nextVersion({ epoch, issuedNumber, acknowledgedFloor });

describe("the number of the next assignment", () => {
  it.each([
    ["is 1 at first", null, null, 1],
    ["is above all that the hub issued", issued(7), null, 8],
    ["is above what is stored, where that is later", issued(7), claimed(3), 8],
    [
      "is above what a spoke acknowledged that a restored hub never heard of",
      issued(3),
      claimed(41),
      42,
    ],
    ["starts anew in a new epoch", issued(9, 16, 1), claimed(41, 1), 1],
    ["leaps as far as may be", issued(3), claimed(3 + maxLeap), 4 + maxLeap],
    ["goes on after the last leap", issued(900, maxLeaps), claimed(900), 901],
    ["is the last that there is", issued(maxSeqJump - 1), null, maxSeqJump],
  ])("%s", (_, issuedNumber, floor, seq) => {
    const version = { epoch, seq };
    expect(next(issuedNumber, floor)).toEqual({ ok: true, version });
  });

  it.each([
    ["later epoch", issued(9), claimed(1, 3), "LaterEpoch"],
    ["epoch of no hub", null, claimed(1, 2 ** 53 - 1), "LaterEpoch"],
    ["last number", null, claimed(2 ** 53 - 1), "TooFarAhead"],
    ["leap too wide", issued(3), claimed(4 + maxLeap), "TooFarAhead"],
    ["leap too many", issued(3, maxLeaps), claimed(4), "TooFarAhead"],
    ["ratchet's end", issued(maxSeqJump), null, "NumbersUsedUp"],
    ["unreadable row", issued(2 ** 53), null, "NumbersUsedUp"],
  ])("is none at a %s", (_, issuedNumber, floor, problem) => {
    expect(next(issuedNumber, floor)).toEqual({ ok: false, problem });
  });

  it("never goes beyond what a new incarnation can take, whatever the spoke says before each issue", () => {
    let before: IssuedNumber | null = null;
    let issues = 0;
    for (const width of [1, 7, maxLeap]) {
      for (let tries = 0; tries < 100; tries += 1) {
        const said = claimed((before?.seq ?? 0) + width);
        const result = next(before, said);
        if (!result.ok) break;
        issues += 1;
        before = afterIssue(before, result.version);
      }
    }
    expect(issues).toBe(maxLeaps);
    expect(before?.seq).toBeLessThanOrEqual(maxSeqJump / 2 + maxLeaps);
    // The next incarnation says nothing, and is issued what it can take.
    expect(next(before)).toMatchObject({ ok: true });
  });

  it("counts what is passed over, and nothing else, anew in each epoch", () => {
    const steps = [1, 2, 9, 10, 12].map((seq) => claimed(seq));
    const leaps: number[] = [];
    let before: IssuedNumber | null = null;
    for (const version of [...steps, claimed(1, 3)]) {
      before = afterIssue(before, version);
      leaps.push(before.leaps);
    }
    expect(leaps).toEqual([0, 0, 1, 1, 2, 0]);
  });

  it("says what a person can do where there is none", () => {
    const ledger = { epoch, issuedNumber: null, acknowledgedFloor: claimed(9) };
    const far = numberAdvice("TooFarAhead", "prod-eu-1", ledger);
    expect(far).toContain("2/9");
    expect(far).toContain("wheelhouse cluster repoint prod-eu-1");
    expect(far).toContain("wheelhouse hub delegate");
    const later = numberAdvice("LaterEpoch", "prod-eu-1", ledger);
    expect(later).toContain("wheelhouse hub delegate");
    expect(later).toContain("wheelhouse cluster repoint prod-eu-1");
    const end = numberAdvice("NumbersUsedUp", "prod-eu-1", ledger);
    expect(end).toContain("wheelhouse hub delegate");
  });
});
