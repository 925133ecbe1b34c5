import { type BundleReport, type StatusReport } from "@wheelhouse/protocol";
import { describe, expect, it } from "vitest";
import { maxBundleLength } from "./report-bound.ts";
import { type ReportLedger, emptyLedger, mergeReport } from "./report-merge.ts";

const bundle = (name: string, message = ""): BundleReport => ({
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

const report = (
  counter: number,
  change: Partial<StatusReport> = {},
): StatusReport => ({
  kind: "statusReport",
  counter,
  full: false,
  assignment: null,
  bundles: [],
  dropped: [],
  ...change,
});

const merge = (ledger: ReportLedger, next: StatusReport): ReportLedger => {
  const result = mergeReport(ledger, next);
  if (result.kind !== "merged") throw new Error(result.kind);
  return result.ledger;
};

describe("merging reports", () => {
  const first = merge(
    emptyLedger,
    report(1, { full: true, bundles: [bundle("a"), bundle("b")] }),
  );

  it("adds, replaces and drops", () => {
    const { state } = merge(
      first,
      report(2, { bundles: [bundle("a", "new")], dropped: ["b"] }),
    );
    expect([...state.bundles.values()]).toEqual([bundle("a", "new")]);
  });

  it("refuses bundles that come to more than a hub keeps, and counts what is replaced, dropped or begun anew no more", () => {
    const half = "x".repeat(maxBundleLength / 2 - 1_000);
    const big = (name: string) => ({ bundles: [bundle(name, half)] });
    let ledger = merge(first, report(2, big("a")));
    ledger = merge(ledger, report(3, big("b")));
    expect(mergeReport(ledger, report(4, big("c"))).kind).toBe("tooLong");
    ledger = merge(ledger, report(4, big("a")));
    ledger = merge(ledger, report(5, { ...big("c"), dropped: ["b"] }));
    const anew = merge(ledger, report(6, { ...big("d"), full: true }));
    expect(merge(anew, report(7, big("e"))).state.bundles.size).toBe(2);
  });

  it("leaves out notes of a cluster that reports more than a hub keeps, report by report", () => {
    const notes = Array.from({ length: 20 }, (_, at) => ({
      object: { group: "", kind: "Pod", namespace: "", name: `web-${at}` },
      status: "Failed" as const,
      message: "x".repeat(1_024),
    }));
    let ledger = emptyLedger;
    for (let counter = 1; counter <= 10; counter += 1) {
      const bundles = Array.from({ length: 90 }, (_, at) => ({
        ...bundle(`b-${counter}-${at}`),
        notes,
      }));
      ledger = merge(ledger, report(counter, { full: counter === 1, bundles }));
      expect(ledger.bundleLength).toBeLessThanOrEqual(maxBundleLength);
    }
    const kept = [...ledger.state.bundles.values()];
    expect(kept).toHaveLength(900);
    const [cut] = kept.filter((report) => report.notes.length < 20);
    expect(cut?.notes.at(-1)?.message).toContain("further notes left out");
    const dropped = kept.map((report) => report.bundle);
    expect(merge(ledger, report(11, { dropped })).bundleLength).toBe(0);
  });

  it("leaves what it was given as it was", () => {
    merge(first, report(2, { dropped: ["a", "b"] }));
    expect(first.state.bundles.size).toBe(2);
  });

  it("begins anew with a full one, whatever its number", () => {
    const { state, counter } = merge(
      first,
      report(9, { full: true, bundles: [bundle("c")] }),
    );
    expect([...state.bundles.keys()]).toEqual(["c"]);
    expect(counter).toBe(9);
  });

  it.each([
    ["the same again", 1, "repeated"],
    ["an older one", 0, "repeated"],
    ["one after the next", 3, "gap"],
  ])("takes %s for what it is", (_name, counter, kind) => {
    expect(mergeReport(first, report(counter)).kind).toBe(kind);
  });

  it("wants a full one first", () => {
    expect(mergeReport(emptyLedger, report(2)).kind).toBe("gap");
  });

  it("bounds the bundles over all reports", () => {
    const many = Array.from({ length: 4_999 }, (_, at) => bundle(`b-${at}`));
    expect(mergeReport(first, report(2, { bundles: many })).kind).toBe(
      "tooMany",
    );
  });
});
