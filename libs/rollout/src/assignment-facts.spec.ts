import { digestOf } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { computeAssignmentFacts } from "./assignment-facts.ts";
import { exampleCompiled } from "./compiled-target.fixture.ts";
import { type BundleFact, type ReportFact } from "./rollout-input.ts";

const at = "2026-01-01T00:00:00Z";
const { bundles } = exampleCompiled("prod-eu-1", "a");
const stored: Parameters<typeof computeAssignmentFacts>[0] = {
  envelope: { epoch: 1, seq: 2, bundles },
  ...{ acknowledgedAt: null, confirmedAt: null },
};
const facts = bundles.map(({ spec, digest }): BundleFact => ({
  ...{ name: spec.name, digest, applied: digest },
  ...{ ready: true, failed: false, message: "" },
}));
const report: ReportFact = {
  ...{ epoch: 1, seq: 2, root: digestOf("r"), session: "s", bundles: facts },
};
const withFacts = (change: Partial<BundleFact>): ReportFact => ({
  ...report,
  bundles: facts.map((fact) => ({ ...fact, ...change })),
});

describe("an assignment", () => {
  it.each<[string, Partial<typeof stored>, ReportFact | null, string]>([
    ["is issued, and no more is known", {}, null, ""],
    ["is acknowledged by word", { acknowledgedAt: at }, null, "acknowledged"],
    [
      "is applied and Ready by its own report",
      {},
      report,
      "acknowledged applied ready",
    ],
    ["is nothing by the report of another seq", {}, { ...report, seq: 1 }, ""],
    ["is nothing by another epoch's", {}, { ...report, epoch: 2 }, ""],
    [
      "is not applied while a bundle is missing from the report",
      {},
      { ...report, bundles: [] },
      "acknowledged",
    ],
    [
      "is not Ready at an older digest, however well",
      {},
      withFacts({ applied: digestOf("old") }),
      "acknowledged",
    ],
    [
      "is applied, and not Ready",
      {},
      withFacts({ ready: false }),
      "acknowledged applied",
    ],
    [
      "stays confirmed without a report",
      { confirmedAt: at },
      null,
      "confirmed",
    ],
  ])("%s", (_, change, reported, words) => {
    const found = computeAssignmentFacts({ ...stored, ...change }, reported);
    const held = Object.entries(found).filter(([, holds]) => holds);
    expect(held.map(([word]) => word).join(" ")).toBe(words);
  });
});
