import { type BundleReport, protocolLimits } from "@wheelhouse/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReportSnapshot } from "./ports.ts";
import { diffReports } from "./report-difference.ts";

const bundle = (name: string, message: string): BundleReport => ({
  bundle: name,
  digest: `sha256:${"1".repeat(64)}`,
  applied: null,
  ready: false,
  failed: false,
  status: "InProgress",
  objects: { total: 0, ready: 0 },
  message,
  held: null,
  notes: [],
  drifted: false,
  since: "2026-01-01T00:00:00Z",
});

const snapshot = (
  bundles: Readonly<Record<string, string>>,
  change: Partial<ReportSnapshot> = {},
): ReportSnapshot => ({
  assignment: null,
  bundles: new Map(
    Object.entries(bundles).map(([name, message]) => [
      name,
      bundle(name, message),
    ]),
  ),
  drift: [],
  pruneHolds: [],
  ...change,
});

const any = fc
  .dictionary(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom("1", "2"))
  .map((bundles) => snapshot(bundles));

describe("the difference of reports", () => {
  it("is everything where nothing is known", () => {
    expect(diffReports(null, snapshot({}))).toEqual([
      {
        full: true,
        assignment: null,
        bundles: [],
        dropped: [],
        drift: [],
        pruneHolds: [],
      },
    ]);
  });

  it("is nothing where nothing changed, and only what changed elsewhere", () => {
    fc.assert(
      fc.property(any, any, (before, now) => {
        expect(diffReports(now, snapshotOf(now))).toEqual([]);
        const known = new Map(before.bundles);
        for (const part of diffReports(before, now)) {
          expect(part.full).toBe(false);
          for (const name of part.dropped) known.delete(name);
          for (const one of part.bundles) {
            expect(known.get(one.bundle)).not.toEqual(one);
            known.set(one.bundle, one);
          }
        }
        expect(known).toEqual(now.bundles);
      }),
    );
  });

  it("tells of a new assignment with nothing else", () => {
    const root = `sha256:${"2".repeat(64)}` as const;
    const now = snapshot(
      { a: "1" },
      { assignment: { epoch: 1, seq: 2, root } },
    );
    expect(diffReports(snapshot({ a: "1" }), now)).toMatchObject([
      { assignment: { seq: 2 }, bundles: [] },
    ]);
  });

  it("is cut into messages that fit, of which only the first is full", () => {
    const long = "m".repeat(protocolLimits.messageLength);
    const many = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [`b-${index}`, long]),
    );
    const parts = diffReports(null, snapshot(many));
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.map(({ full }) => full).indexOf(true, 1)).toBe(-1);
    expect(parts.flatMap(({ bundles }) => bundles)).toHaveLength(3_000);
    for (const { bundles } of parts) {
      expect(JSON.stringify(bundles).length).toBeLessThan(1_100_000);
    }
  });
});

/** Equal to another, and made of other objects. */
function snapshotOf(of: ReportSnapshot): ReportSnapshot {
  return { ...of, bundles: structuredClone(of.bundles) };
}
