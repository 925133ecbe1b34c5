import { type BundleReport } from "@wheelhouse/protocol";
import { describe, expect, it } from "vitest";
import { boundBundles, lengthOf, maxBundleLength } from "./report-bound.ts";

/** A bundle in which so many objects say so much. */
const bundle = (
  name: string,
  notes: number,
  words: number,
  message = "",
): BundleReport => ({
  bundle: name,
  digest: `sha256:${"1".repeat(64)}`,
  applied: null,
  ready: false,
  failed: true,
  status: "Failed",
  objects: { total: notes, ready: 0 },
  message,
  held: null,
  notes: Array.from({ length: notes }, (_, at) => ({
    object: {
      group: "apps",
      kind: "Deployment",
      namespace: name,
      name: `web-${at}`,
    },
    status: "Failed",
    message: "x".repeat(words),
  })),
  drifted: false,
  since: "",
});

const bound = (reports: readonly BundleReport[]) =>
  boundBundles(
    new Map(reports.map((report) => [report.bundle, report])),
    totalOf(reports),
  );

const totalOf = (reports: Iterable<BundleReport>) =>
  [...reports].reduce((sum, report) => sum + JSON.stringify(report).length, 0);

const many = (length: number, ...shape: readonly [number, number, string?]) =>
  Array.from({ length }, (_, at) => bundle(`b-${at}`, ...shape));

const leftOut = expect.stringContaining("further notes left out") as string;

describe("the bound of what a session's bundles come to", () => {
  it("leaves alone what is within it", () => {
    const reports = many(500, 20, 1_000);
    const kept = bound(reports);
    expect([...(kept?.bundles.values() ?? [])]).toEqual(reports);
  });

  it("leaves out the last notes of the longest until it is enough, and says so in one", () => {
    const reports = [...many(800, 20, 1_024), bundle("short", 2, 10)];
    const kept = bound(reports);
    const bundles = [...(kept?.bundles.values() ?? [])];
    expect(bundles.map((report) => report.bundle)).toEqual(
      reports.map((report) => report.bundle),
    );
    expect(kept?.length).toBe(totalOf(bundles));
    expect(kept?.length).toBeLessThanOrEqual(maxBundleLength);
    // No more is left out than has to be.
    expect(kept?.length).toBeGreaterThan(maxBundleLength - 30_000);
    const cut = bundles.filter((report) => report.notes.length < 20);
    const [first] = cut;
    expect(first?.notes.slice(0, -1)).toEqual(
      bundle(first?.bundle ?? "", 20, 1_024).notes.slice(0, 2),
    );
    expect(first?.notes.at(-1)).toMatchObject({
      object: { name: "web-2" },
      message: leftOut,
    });
    expect(bundles.at(-1)).toEqual(bundle("short", 2, 10));
  });

  it("has room for as many bundles as may be, all of them at their worst", () => {
    const kept = bound(many(5_000, 6, 1_024));
    expect(kept?.bundles.size).toBe(5_000);
    expect(kept?.length).toBeLessThanOrEqual(maxBundleLength);
    const cut = [...(kept?.bundles.values() ?? [])].filter(
      ({ notes }) => notes.at(-1)?.message !== "x".repeat(1_024),
    );
    expect(cut.length).toBeGreaterThan(4_000);
    for (const { notes } of cut) {
      expect(notes.at(-1)?.message).toEqual(leftOut);
      expect(notes.length).toBeGreaterThan(1);
    }
  });

  it.each([
    ["all but the one that says so", 2_700, 1],
    ["all", 3_050, 0],
  ])(
    "leaves out %s where the bundles themselves are long",
    (_what, own, notes) => {
      const kept = bound(many(5_000, 2, 1_024, "x".repeat(own)));
      const counts = [...(kept?.bundles.values() ?? [])].map((report) =>
        String(report.notes.length),
      );
      expect(kept?.length).toBeLessThanOrEqual(maxBundleLength);
      expect(counts).toContain(String(notes));
    },
  );

  it("is over where not even that is enough", () => {
    expect(bound(many(5_000, 2, 1_024, "x".repeat(3_300)))).toBeUndefined();
  });

  it("does not make longer what says little", () => {
    const little = bundle("little", 1, 0);
    const kept = bound([
      little,
      bundle("big", 0, 0, "x".repeat(maxBundleLength - 4 * lengthOf(little))),
      bundle("notes", 20, 1_024),
    ]);
    expect(kept?.bundles.get("little")?.notes.length).toBeLessThanOrEqual(1);
    expect(kept?.length).toBe(totalOf(kept?.bundles.values() ?? []));
  });
});
