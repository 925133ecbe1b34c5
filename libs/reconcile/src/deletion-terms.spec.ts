import { ManualClock } from "@wheelhouse/testing";
import { expect, it } from "vitest";
import { DeletionTerms } from "./deletion-terms.ts";
import { type AcknowledgedAssignment } from "./reconciler-options.ts";

const begun = Date.parse("2026-01-01T00:00:00Z");
const hour = 3_600_000;

function termsFor(delegationMs: number) {
  const clock = new ManualClock(begun);
  const terms = new DeletionTerms(clock, 60_000);
  const assignment = { delegationNotAfterMs: begun + delegationMs };
  const takeUp = (isNewEpoch: boolean) =>
    terms.takeUp(assignment as AcknowledgedAssignment, { isNewEpoch });
  takeUp(true);
  return { clock, terms, takeUp };
}

it("a delegation ends by the wall, or by what was left of it, whichever comes first", () => {
  const { clock, terms } = termsFor(hour);
  expect(terms.isDelegationValid).toBe(true);
  clock.setWall(begun + hour);
  expect(terms.isDelegationValid).toBe(false);
  clock.setWall(begun - 24 * hour);
  expect(terms.isDelegationValid).toBe(true);
  clock.advance(hour);
  expect(terms.isDelegationValid).toBe(false);
});

it("a second look is asked for anew in a new epoch, and in no other assignment", () => {
  const { clock, terms, takeUp } = termsFor(hour);
  expect(terms.confirmation).toEqual({ untilMs: 60_000, afterMs: 60_000 });
  clock.advance(hour);
  takeUp(false);
  expect(terms.confirmation.untilMs).toBe(60_000);
  takeUp(true);
  expect(terms.confirmation.untilMs).toBe(hour + 60_000);
});
