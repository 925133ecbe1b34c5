import { digestOf } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import {
  type ApprovalRests,
  type DeletionReport,
  approvalRestMs,
  judgeApprovals,
} from "./deletion-approvals.ts";

const approval = {
  cluster: "prod-eu-1",
  key: "ConfigMap/shop/old",
  object: { group: "", kind: "ConfigMap", namespace: "shop", name: "old" },
};
const mark = { epoch: 1, seq: 2, root: digestOf("root") };

function reportWith(more: Partial<DeletionReport> = {}): DeletionReport {
  return {
    ...{ cluster: "prod-eu-1", session: "s1", assignment: mark },
    bundles: [{ isIdle: false, isApplied: true }],
    held: new Set(),
    issued: { ...mark, allowed: new Set([approval.key]) },
    ...more,
  };
}

function judge(
  report: DeletionReport | null,
  nowMs: number,
  before: ApprovalRests = new Map(),
) {
  const reports = new Map(
    report === null ? [] : [[report.cluster, report] as const],
  );
  return judgeApprovals([approval], reports, before, nowMs);
}

describe("an approved deletion", () => {
  it("is spent once nothing of it is held any more for three minutes of one session", () => {
    const first = judge(reportWith(), 1_000);
    expect(first.spent).toEqual([]);
    const almost = judge(reportWith(), 1_000 + approvalRestMs - 1, first.rests);
    expect(almost.spent).toEqual([]);
    const done = judge(reportWith(), 1_000 + approvalRestMs, almost.rests);
    expect(done.spent).toEqual([approval]);
    expect(done.rests.size).toBe(0);
  });

  it.each<[string, Partial<DeletionReport>]>([
    ["its object is held", { held: new Set([approval.key]) }],
    [
      "the report is about an earlier assignment",
      { assignment: { ...mark, seq: 1 } },
    ],
    [
      "the newest assignment does not allow it",
      { issued: { ...mark, allowed: new Set() } },
    ],
    [
      "a bundle is not applied",
      { bundles: [{ isIdle: false, isApplied: false }] },
    ],
    [
      "a bundle is suspended or held",
      { bundles: [{ isIdle: true, isApplied: true }] },
    ],
  ])("is kept while %s, and begins its rest anew", (_, more) => {
    const first = judge(reportWith(), 0);
    const broken = judge(reportWith(more), approvalRestMs, first.rests);
    expect(broken).toEqual({ spent: [], rests: new Map() });
    const again = judge(reportWith(), approvalRestMs + 1, broken.rests);
    expect(again.spent).toEqual([]);
  });

  it("is kept where nothing is heard", () => {
    const first = judge(reportWith(), 0);
    expect(judge(null, approvalRestMs * 9, first.rests).spent).toEqual([]);
  });

  it("begins its rest anew in another session, whose spoke may not have looked yet", () => {
    const first = judge(reportWith(), 0);
    const other = reportWith({ session: "s2" });
    const second = judge(other, approvalRestMs, first.rests);
    expect(second.spent).toEqual([]);
    const third = judge(other, 2 * approvalRestMs, second.rests);
    expect(third.spent).toEqual([approval]);
  });
});
