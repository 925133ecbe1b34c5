import { type BundleReport, type StatusReport } from "@wheelhouse/protocol";
import { ManualClock } from "@wheelhouse/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { ReportIntake } from "./report-intake.ts";

const report = (counter: number, full = false): StatusReport => ({
  kind: "statusReport",
  counter,
  full,
  assignment: null,
  bundles: [],
  dropped: [],
});

const bundleOf = (name: string, message: string): BundleReport => ({
  bundle: name,
  digest: `sha256:${"1".repeat(64)}`,
  applied: null,
  ready: false,
  failed: false,
  status: "Unknown",
  objects: { total: 0, ready: 0 },
  message,
  held: null,
  notes: [],
  drifted: false,
  since: "",
});

let clock: ManualClock;
let told: number;
let asked: number;
let tooMuch: string[];
let intake: ReportIntake;
beforeEach(() => {
  clock = new ManualClock(0);
  [told, asked, tooMuch] = [0, 0, []];
  intake = new ReportIntake({
    clock,
    intervalMs: 20,
    onChanged: () => (told += 1),
    onGap: () => (asked += 1),
    onTooMuch: (details) => tooMuch.push(details),
  });
});

describe("an intake of reports", () => {
  it("tells of the first at once, and of those that follow shortly together", () => {
    intake.take(report(1, true));
    expect(told).toBe(1);
    for (const counter of [2, 3, 4]) intake.take(report(counter));
    expect(told).toBe(1);
    clock.advance(19);
    expect(told).toBe(1);
    clock.advance(1);
    expect(told).toBe(2);
    clock.advance(100);
    expect(told).toBe(2);
  });

  it("says of what there is too much, and tells nothing of it", () => {
    const full = report(1, true);
    const named = (many: number, message = "") =>
      Array.from({ length: many }, (_, at) => bundleOf(`b-${at}`, message));
    intake.take({ ...full, bundles: named(5_001) });
    intake.take({ ...full, bundles: named(17, "x".repeat(2 ** 20)) });
    expect(tooMuch).toEqual([
      "more than 5000 bundles",
      "bundles of more than 16777216 characters, even without their notes",
    ]);
    expect(told).toBe(0);
  });

  it("tells nothing of a report that it has seen", () => {
    intake.take(report(1, true));
    clock.advance(100);
    intake.take(report(1, true));
    intake.take(report(1));
    clock.advance(100);
    expect(told).toBe(1);
  });

  it("asks once for a gap, and again for the next one after a full report", () => {
    intake.take(report(1, true));
    intake.take(report(3));
    intake.take(report(4));
    expect(asked).toBe(1);
    intake.take(report(5, true));
    intake.take(report(7));
    expect(asked).toBe(2);
  });

  it("asks at every heartbeat that names more than has come, and at no other", () => {
    intake.take(report(1, true));
    intake.check(1);
    expect(asked).toBe(0);
    intake.check(2);
    intake.check(2);
    expect(asked).toBe(2);
  });

  it("tells nothing any more once it is closed", () => {
    intake.take(report(1, true));
    intake.take(report(2));
    intake.close();
    clock.advance(100);
    expect(told).toBe(1);
    expect(clock.pending).toBe(0);
  });
});
