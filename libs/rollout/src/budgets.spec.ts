import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  exampleActor,
  exampleRollout,
  exampleWave,
  issuesOf,
} from "./example-fleet.fixture.ts";
import { step } from "./step.ts";

const by = exampleActor;
const two = { kind: "count", count: 2 } as const;
const four = { kind: "count", count: 4 } as const;

/** Five clusters at revision 1, completed; revision 2 is not committed yet. */
function five(wave = {}, rollout = {}): ExampleFleet {
  const fleet = new ExampleFleet(
    exampleRollout([exampleWave({ maxConcurrency: two, ...wave })], rollout),
  );
  for (const name of ["a", "b", "c", "d", "e"]) fleet.join(name);
  fleet.commit(1, { app: "1", other: "1" });
  fleet.settle();
  expect(fleet.state?.phase).toBe("Completed");
  return fleet;
}

function next(fleet: ExampleFleet, number = 2): string[] {
  fleet.commit(number, { app: String(number), other: "1" });
  return issuesOf(fleet.step().effects);
}

function reasonOf(fleet: ExampleFleet, cluster: string): string {
  const reason = fleet.reasons.find((r) => r.cluster === cluster);
  return `${reason?.reason}: ${reason?.message}`;
}

describe("maxConcurrency", () => {
  it("bounds what is issued and not confirmed", () => {
    const fleet = five();
    expect(next(fleet)).toEqual(["a", "b"]);
    expect(reasonOf(fleet, "c")).toBe(
      "OverBudget: waits for a place: 2 of 2 in flight, 2 of 2 unavailable",
    );
    fleet.deliver("a");
    expect(issuesOf(fleet.step().effects)).toEqual(["c"]);
  });

  it("counts what was superseded, and counts clusters, not issues", () => {
    const fleet = five();
    next(fleet);
    expect(next(fleet, 3)).toEqual(["a", "b"]);
    expect(next(fleet, 4)).toEqual(["a", "b"]);
    fleet.cut("a");
    expect(next(fleet, 5)).toEqual(["b"]);
    fleet.deliver("b");
    expect(issuesOf(fleet.step().effects)).toEqual(["c"]);
  });

  it("counts what somebody else issued, such as a repoint", () => {
    const fleet = five();
    const d = fleet.get("d");
    const target = fleet.targetOf(d, fleet.state?.revision ?? null);
    fleet.cut("d");
    Object.assign(d, { issued: null, held: null, confirmed: false });
    fleet.step();
    if (target !== null) fleet.issue(d, target);
    fleet.hear("d");
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(next(fleet)).toEqual(["d", "a"]);
    fleet.settle();
    expect(fleet.state?.phase).toBe("Completed");
    expect(fleet.get("d").held?.revision).toEqual(fleet.state?.revision);
  });

  it("counts an issue that the facts do not show yet", () => {
    const fleet = five({ maxUnavailable: { kind: "count", count: 5 } });
    fleet.commit(2, { app: "2", other: "1" });
    fleet.targetsAt = fleet.head?.revision ?? null;
    const time = { monotonicMs: fleet.nowMs, iso: "" };
    const first = step(fleet.state, fleet.inputNow(), time);
    expect(issuesOf(first.effects)).toEqual(["a", "b"]);
    fleet.cut("a");
    const second = step(first.state, fleet.inputNow(), time);
    expect(issuesOf(second.effects)).toEqual(["b"]);
  });

  it("takes a new incarnation that nothing was ever confirmed on", () => {
    const fleet = five();
    next(fleet);
    fleet.step();
    const fresh = { issued: null, held: null, confirmed: false };
    Object.assign(fleet.get("a"), fresh);
    expect(issuesOf(fleet.step().effects)).toEqual(["a"]);
    fleet.settle();
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("counts clusters that the facts have lost track of (S16)", () => {
    const fleet = five({ maxConcurrency: four, maxUnavailable: four });
    expect(next(fleet)).toEqual(["a", "b", "c", "d"]);
    fleet.forget();
    for (const name of ["a", "b", "c", "d"]) {
      fleet.deliver(name, { app: {} });
      fleet.get(name).issued = null;
    }
    fleet.step();
    expect(reasonOf(fleet, "e")).toContain("OverBudget");
  });

  const slow = exampleRollout([
    exampleWave({
      maxConcurrency: two,
      maxUnavailable: { kind: "count", count: 5 },
      minReadyMs: 20_000,
    }),
  ]);

  it("gives an unknown cluster nothing beyond the budget, although it is counted (S16)", () => {
    const fleet = five();
    fleet.spec = slow;
    fleet.forget();
    expect(next(fleet)).toEqual([]);
    expect(reasonOf(fleet, "a")).toContain("5 of 2 in flight");
  });

  it("gives clusters whose issue the hub has lost nothing while they are too many (S16)", () => {
    const fleet = five();
    fleet.spec = slow;
    fleet.forget();
    for (const cluster of fleet.clusters.values()) cluster.issued = null;
    expect(next(fleet)).toEqual([]);
    expect(reasonOf(fleet, "a")).toContain("5 of 2 in flight");
  });

  it("takes a cluster that proves itself again as confirmed", () => {
    const fleet = five();
    fleet.spec = slow;
    fleet.forget();
    next(fleet);
    expect(issuesOf(fleet.pass(20_000))).toEqual(["a", "b"]);
  });
});

describe("maxUnavailable", () => {
  const one = { maxUnavailable: { kind: "count", count: 1 } };

  it("bounds what is issued and not confirmed, when it is the smaller", () => {
    expect(next(five(one))).toEqual(["a"]);
  });

  it("counts a cluster that is not heard of, and issues it nothing", () => {
    const fleet = five(one);
    fleet.cut("e");
    expect(next(fleet)).toEqual([]);
    expect(reasonOf(fleet, "e")).toBe("Offline: not connected; offline: wait");
  });

  it("counts a cluster whose heartbeat is 45 s old", () => {
    const fleet = five(one);
    fleet.nowMs += 45_000;
    for (const name of ["a", "b", "c", "d"]) fleet.hear(name);
    expect(next(five(one))).toEqual(["a"]);
    fleet.nowMs += 1;
    expect(next(fleet)).toEqual([]);
  });

  it("counts a cluster that has not reported in its session, and issues it nothing", () => {
    const fleet = five(one);
    fleet.get("a").hasReported = false;
    expect(next(fleet)).toEqual([]);
    expect(reasonOf(fleet, "a")).toContain("NotReported");
  });

  it("counts a cluster that is not Ready for whatever cause", () => {
    const fleet = five(one);
    fleet.commit(2, { app: "2", other: "1" });
    fleet.step();
    fleet.deliver("a");
    fleet.step();
    fleet.deliver("a", { other: {} });
    fleet.deliver("b");
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    fleet.deliver("a");
    expect(issuesOf(fleet.step().effects)).toEqual(["c"]);
  });

  it("gives a counted cluster that is heard of its newer target", () => {
    const fleet = five(one);
    fleet.deliver("c", { app: {} });
    fleet.deliver("d", { app: {} });
    fleet.step();
    expect(next(fleet)).toEqual(["c", "d"]);
  });
});

describe("offline", () => {
  it("wait: the wave stays open", () => {
    const fleet = five();
    fleet.cut("e");
    next(fleet);
    fleet.settle();
    expect(fleet.state?.phase).toBe("Progressing");
    fleet.hear("e");
    fleet.settle();
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("count: it fills a place, and the wave may end without it", () => {
    const fleet = five({ offline: "count" });
    fleet.cut("e");
    expect(next(fleet)).toEqual(["a"]);
    fleet.settle();
    expect(fleet.state?.phase).toBe("Progressing");
    fleet.pass(50_000);
    expect(fleet.state?.phase).toBe("Completed");
    fleet.hear("e");
    expect(issuesOf(fleet.step().effects)).toEqual(["e"]);
  });

  it("skip: it leaves wave and budget, and gets the target on return", () => {
    const fleet = five({ offline: "skip" });
    fleet.cut("d");
    fleet.cut("e");
    expect(next(fleet)).toEqual([]);
    expect(issuesOf(fleet.pass(45_000))).toEqual(["a", "b"]);
    expect(reasonOf(fleet, "e")).toContain(
      "skipped, gets the target on return",
    );
    fleet.settle();
    expect(fleet.state?.phase).toBe("Completed");
    fleet.hear("d");
    fleet.hear("e");
    fleet.join("f");
    expect(issuesOf(fleet.step().effects)).toEqual(["d", "e"]);
    expect(fleet.settle()).toEqual(["f"]);
  });

  it.each(["skip", "count"] as const)(
    "%s: a restart of the hub lets nobody go (S16)",
    (offline) => {
      const fleet = five({ offline });
      fleet.restart();
      expect(next(fleet)).toEqual([]);
      fleet.nowMs += 20_000;
      fleet.step();
      expect(fleet.state?.phase).toBe("Progressing");
      for (const { name } of fleet.clusters.values()) fleet.hear(name);
      expect(issuesOf(fleet.step().effects)).toEqual(["a", "b"]);
    },
  );

  it("skip: what the hub does not know keeps its place (S16)", () => {
    const fleet = five({
      offline: "skip",
      maxUnavailable: { kind: "count", count: 1 },
    });
    fleet.forget();
    fleet.cut("e").issued = null;
    next(fleet);
    expect(issuesOf(fleet.pass(60_000))).toEqual([]);
    expect(reasonOf(fleet, "e")).toContain("skipped");
  });

  it("skip: what is in flight keeps its place", () => {
    const fleet = five({ offline: "skip" });
    next(fleet);
    fleet.cut("a");
    fleet.cut("b");
    expect(issuesOf(fleet.pass(60_000))).toEqual([]);
  });
});

describe("failures", () => {
  const trouble = { app: { failed: true, message: "image cannot be pulled" } };

  it("beyond maxFailures halt the rollout, with the reason", () => {
    const fleet = five();
    next(fleet);
    fleet.deliver("a", trouble);
    fleet.deliver("b");
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(fleet.state?.phase).toBe("Halted");
    expect(fleet.state?.reason).toBe(
      "wave all: 1 of 5 failed, more than maxFailures 0: a: app: image cannot be pulled",
    );
    fleet.deliver("a");
    expect(issuesOf(fleet.pass(600_000))).toEqual([]);
  });

  it("within maxFailures are borne, and keep their place", () => {
    const fleet = five({ maxFailures: { kind: "count", count: 1 } });
    next(fleet);
    fleet.deliver("a", trouble);
    fleet.deliver("b");
    expect(issuesOf(fleet.step().effects)).toEqual(["c"]);
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(fleet.settle()).toEqual(["d", "e"]);
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("are a bundle's timeout, by reports", () => {
    const fleet = five();
    next(fleet);
    fleet.deliver("a", { app: {} });
    fleet.step();
    fleet.pass(170_000);
    expect(fleet.state?.phase).toBe("Progressing");
    fleet.pass(10_000);
    expect(fleet.state?.reason).toContain(
      "app: not Ready at its timeout of 3m",
    );
  });

  it("are no confirmation within progressDeadline, time offline not counted", () => {
    const fleet = five({ progressDeadlineMs: 60_000 });
    next(fleet);
    fleet.pass(30_000);
    fleet.cut("a");
    fleet.settle();
    fleet.pass(600_000);
    expect(fleet.state?.phase).toBe("Progressing");
    fleet.hear("a");
    fleet.pass(20_000);
    expect(fleet.state?.phase).toBe("Progressing");
    fleet.pass(10_000);
    expect(fleet.state?.reason).toContain("a: not confirmed 1m after issue");
  });

  it("are no bundles that the gate does not look at", () => {
    const fleet = five();
    next(fleet);
    fleet.deliver("a", { other: { failed: true } });
    fleet.step();
    expect(fleet.state?.phase).toBe("Progressing");
  });

  it("count after confirmation as well", () => {
    const fleet = five();
    next(fleet);
    fleet.deliver("a");
    fleet.step();
    fleet.deliver("a", trouble);
    fleet.step();
    expect(fleet.state?.phase).toBe("Halted");
  });

  it("do not hold up the commit that mends them", () => {
    const fleet = five();
    next(fleet);
    fleet.deliver("a", trouble);
    fleet.deliver("b", trouble);
    fleet.step();
    expect(next(fleet, 3)).toEqual(["a", "b"]);
    fleet.settle();
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("with rollback reject the commit and return to the one before", () => {
    const fleet = five({}, { onFailure: "rollback" });
    next(fleet);
    fleet.deliver("a", trouble);
    fleet.deliver("b");
    fleet.step();
    expect(fleet.state?.revision.commit).toMatch(/1$/);
    expect(fleet.state?.returning).toBe(true);
    expect(fleet.state?.rejected[0]?.commit).toMatch(/2$/);
    fleet.settle();
    fleet.pass(60_000);
    expect(fleet.state?.phase).toBe("Completed");
    for (const { held } of fleet.clusters.values()) {
      expect(held?.revision.commit).toMatch(/1$/);
    }
    expect(fleet.reasons[0]?.reason).toBe("HeadRejected");
  });

  it("with rollback, and nothing to return to, halt", () => {
    const fleet = new ExampleFleet(
      exampleRollout([exampleWave()], { onFailure: "rollback" }),
    );
    fleet.join("a");
    fleet.commit(1, { app: "1" });
    fleet.step();
    fleet.deliver("a", trouble);
    fleet.step();
    expect(fleet.state?.phase).toBe("Halted");
  });

  it("with continue stop nothing", () => {
    const fleet = five({}, { onFailure: "continue" });
    next(fleet);
    fleet.deliver("a", trouble);
    fleet.deliver("b");
    expect(issuesOf(fleet.step().effects)).toEqual(["c"]);
  });

  it("that a person resumed over are not counted again", () => {
    const fleet = five();
    next(fleet);
    fleet.deliver("a", trouble);
    fleet.deliver("b");
    fleet.step();
    const resumed = fleet.step({ kind: "resume", by });
    expect(issuesOf(resumed.effects)).toEqual(["c"]);
    fleet.deliver("c", trouble);
    fleet.step();
    expect(fleet.state?.phase).toBe("Halted");
  });
});
