import { type Revision } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  exampleRevision,
  exampleRollout,
  exampleTarget,
  exampleWave,
  issuesOf,
} from "./example-fleet.fixture.ts";
import { freshnessMs } from "./freshness.ts";
import { gatedBundles } from "./gate.ts";
import { type ClusterFact } from "./rollout-input.ts";
import { step } from "./step.ts";

const revision: Revision = exampleRevision(1);

/** One cluster of two, issued at minReady of 30 s; the other waits for its place. */
function issuedOne(more = {}): ExampleFleet {
  const fleet = new ExampleFleet(
    exampleRollout([exampleWave({ minReadyMs: 30_000, ...more })]),
  );
  fleet.join("a");
  fleet.join("b");
  fleet.commit(1, { base: "1", app: "1", page: "1" });
  fleet.step();
  expect(fleet.get("a").issued).not.toBeNull();
  return fleet;
}

function isConfirmed(fleet: ExampleFleet, name = "a"): boolean {
  return fleet.state?.clusters[name]?.confirmed === true;
}

function shortfall(fleet: ExampleFleet): string {
  return fleet.reasons.find((r) => r.cluster === "a")?.message ?? "";
}

describe("what a gate looks at", () => {
  const before = exampleTarget(revision, {
    base: "1",
    app: "1",
    page: "1",
    other: "1",
  });

  it("is what changed, and all that depend on it, however far", () => {
    const after = exampleTarget(revision, {
      base: "2",
      app: "1",
      page: "1",
      other: "1",
    });
    expect(gatedBundles(before, after, [])).toEqual(["app", "base", "page"]);
  });

  it("is everything at first", () => {
    expect(gatedBundles(null, before, [])).toHaveLength(4);
  });

  it("keeps what an unconfirmed issue changed", () => {
    expect(gatedBundles(before, before, ["other"])).toEqual(["other"]);
    expect(gatedBundles(before, before, ["gone"])).toEqual([]);
  });
});

describe("gate", () => {
  it("confirms after minReady of fresh reports, and frees the place", () => {
    const fleet = issuedOne();
    fleet.deliver("a");
    fleet.step();
    expect(issuesOf(fleet.pass(20_000))).toEqual([]);
    expect(shortfall(fleet)).toBe("Ready for 20s of 30s");
    expect(issuesOf(fleet.pass(10_000))).toEqual(["b"]);
    expect(fleet.get("a").confirmed).toBe(true);
  });

  it.each([
    ["a bundle is not Ready", { app: {} }, "app: not Ready for"],
    [
      "a bundle is not applied",
      { page: { applied: false } },
      "page: not applied",
    ],
    [
      "a message tells why",
      { app: { message: "1 of 2 replicas available" } },
      "app: 1 of 2 replicas available",
    ],
  ] as const)("stays shut while %s", (_, trouble, message) => {
    const fleet = issuedOne();
    fleet.deliver("a", trouble);
    fleet.pass(100_000);
    expect(isConfirmed(fleet)).toBe(false);
    expect(shortfall(fleet)).toContain(message);
  });

  it("tells how long a bundle has until its timeout", () => {
    const fleet = issuedOne();
    fleet.deliver("a", { app: {} });
    fleet.step();
    fleet.pass(40_000);
    expect(shortfall(fleet)).toBe("app: not Ready for 40s (timeout in 2m20s)");
  });

  it("starts minReady anew after a break", () => {
    const fleet = issuedOne();
    fleet.deliver("a");
    fleet.pass(30_000);
    fleet.deliver("a", { page: {} });
    fleet.pass(10_000);
    fleet.deliver("a");
    fleet.pass(30_000);
    expect(isConfirmed(fleet)).toBe(false);
    fleet.pass(10_000);
    expect(isConfirmed(fleet)).toBe(true);
  });

  it("starts minReady anew in another session", () => {
    const fleet = issuedOne();
    fleet.deliver("a");
    fleet.pass(30_000);
    fleet.cut("a");
    fleet.hear("a");
    fleet.pass(30_000);
    expect(isConfirmed(fleet)).toBe(false);
    fleet.pass(10_000);
    expect(isConfirmed(fleet)).toBe(true);
  });

  it("adds nothing for a gap between steps, or after a restart", () => {
    const fleet = issuedOne();
    fleet.deliver("a");
    fleet.step();
    fleet.nowMs += freshnessMs + 1;
    fleet.hear("a");
    fleet.step();
    expect(isConfirmed(fleet)).toBe(false);
    const { state } = fleet;
    fleet.nowMs += 40_000;
    fleet.hear("a");
    const restarted = state === null ? null : { ...state, steppedAtMs: null };
    const time = { monotonicMs: 40_000, iso: "" };
    const after = step(restarted, fleet.inputNow(), time);
    expect(after.state?.clusters["a"]?.confirmed).toBe(false);
  });

  it("does not open on a report that is not fresh", () => {
    const fleet = issuedOne({ minReadyMs: 0 });
    fleet.deliver("a");
    fleet.nowMs += freshnessMs + 5_000;
    fleet.step();
    expect(isConfirmed(fleet)).toBe(false);
    expect(shortfall(fleet)).toContain("heard 50s ago");
    fleet.hear("a");
    fleet.step();
    expect(isConfirmed(fleet)).toBe(true);
  });

  /** What the hub would see of cluster `a` if its report were another one. */
  function factWith(
    fleet: ExampleFleet,
    change: (
      report: NonNullable<ClusterFact["report"]>,
    ) => Partial<NonNullable<ClusterFact["report"]>>,
  ): boolean {
    const input = fleet.inputNow();
    const clusters = input.clusters.map((fact) =>
      fact.report === null || fact.name !== "a"
        ? fact
        : { ...fact, report: { ...fact.report, ...change(fact.report) } },
    );
    const time = { monotonicMs: fleet.nowMs, iso: "" };
    const { state } = step(fleet.state, { ...input, clusters }, time);
    return state?.clusters["a"]?.confirmed === true;
  }

  it("is exact in epoch, seq, root and every bundle's digest", () => {
    const fleet = issuedOne({ minReadyMs: 0 });
    fleet.deliver("a");
    const other = exampleTarget(revision, { base: "x" }).root;
    expect(factWith(fleet, () => ({}))).toBe(true);
    expect(factWith(fleet, ({ seq }) => ({ seq: seq - 1 }))).toBe(false);
    expect(factWith(fleet, ({ seq }) => ({ seq: seq + 1 }))).toBe(false);
    expect(factWith(fleet, ({ epoch }) => ({ epoch: epoch - 1 }))).toBe(false);
    expect(factWith(fleet, () => ({ root: other }))).toBe(false);
    expect(factWith(fleet, () => ({ bundles: [] }))).toBe(false);
    const swapped = factWith(fleet, ({ bundles }) => ({
      bundles: bundles.map((b) => ({ ...b, digest: other, applied: other })),
    }));
    expect(swapped).toBe(false);
    const stale = factWith(fleet, ({ bundles }) => ({
      bundles: bundles.map((b) => ({ ...b, applied: other })),
    }));
    expect(stale).toBe(false);
  });

  it("keeps what was confirmed, whatever breaks later", () => {
    const fleet = issuedOne({ minReadyMs: 0 });
    fleet.deliver("a");
    fleet.step();
    fleet.deliver("a", { app: {} });
    fleet.step();
    expect(isConfirmed(fleet)).toBe(true);
    expect(fleet.get("a").confirmed).toBe(true);
  });
});

describe("excused bundles", () => {
  function brokenOther(): ExampleFleet {
    const fleet = new ExampleFleet(exampleRollout([exampleWave()]));
    fleet.join("a");
    fleet.join("b");
    fleet.commit(1, { app: "1", other: "1" });
    fleet.settle();
    fleet.deliver("a", { other: {} });
    fleet.deliver("b", { other: {} });
    fleet.step();
    return fleet;
  }

  it("neither count as not Ready nor keep the gate shut, and are listed", () => {
    const fleet = brokenOther();
    fleet.commit(2, { app: "2", other: "1" });
    expect(issuesOf(fleet.step().effects)).toEqual(["a"]);
    expect(fleet.state?.clusters["a"]?.excused).toEqual(["other"]);
    fleet.deliver("a", { other: {} });
    expect(issuesOf(fleet.step().effects)).toEqual(["b"]);
    expect(fleet.reasons.find((r) => r.cluster === "a")).toMatchObject({
      reason: "Excused",
      message: "excused, not Ready before: other",
    });
  });

  it("are not those that the commit changes", () => {
    const fleet = brokenOther();
    fleet.commit(2, { app: "1", other: "2" });
    fleet.step();
    fleet.deliver("a", { other: {} });
    fleet.pass(60_000);
    expect(isConfirmed(fleet)).toBe(false);
  });

  it("are not those that broke after the rollout began", () => {
    const fleet = brokenOther();
    fleet.deliver("a");
    fleet.deliver("b");
    fleet.step();
    fleet.commit(2, { app: "2", other: "1" });
    fleet.step();
    fleet.deliver("a", { other: {} });
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(isConfirmed(fleet)).toBe(true);
  });

  it("are not those that a superseded issue broke", () => {
    const fleet = brokenOther();
    fleet.deliver("a");
    fleet.deliver("b");
    fleet.commit(2, { app: "2", other: "1" });
    fleet.step();
    fleet.deliver("a", { app: {} });
    fleet.step();
    fleet.commit(3, { app: "2", other: "3" });
    expect(issuesOf(fleet.step().effects)).toEqual(["a"]);
    fleet.deliver("a", { app: {} });
    fleet.pass(60_000);
    expect(isConfirmed(fleet)).toBe(false);
    expect(shortfall(fleet)).toContain("app: not Ready");
  });
});
