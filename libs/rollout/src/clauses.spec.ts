import { describe, expect, it } from "vitest";
import { budgetOf, failuresAllowed } from "./budget.ts";
import {
  ExampleFleet,
  exampleActor,
  exampleRollout,
  exampleWave,
  issuesOf,
} from "./example-fleet.fixture.ts";

/** One test for each clause of the gates in the design, its subject in the title; the other specs try their corners. */

const by = exampleActor;
const one = { kind: "count", count: 1 } as const;
const two = { kind: "count", count: 2 } as const;
const five = { kind: "count", count: 5 } as const;
const percent = (part: number) => ({ kind: "percent", percent: part }) as const;

/** Clusters a to e at revision 1, completed; two at a time. */
function completed(wave = {}, rollout = {}): ExampleFleet {
  const fleet = new ExampleFleet(
    exampleRollout(
      [exampleWave({ maxConcurrency: two, maxUnavailable: five, ...wave })],
      rollout,
    ),
  );
  for (const name of ["a", "b", "c", "d", "e"]) fleet.join(name);
  fleet.commit(1, { app: "1", other: "1" });
  fleet.step();
  for (let i = 0; i < 40 && fleet.state?.phase !== "Completed"; i++) {
    fleet.settle();
    fleet.pass(10_000);
  }
  expect(fleet.state?.phase).toBe("Completed");
  return fleet;
}

function next(fleet: ExampleFleet, number = 2): string[] {
  fleet.commit(number, { app: String(number), other: "1" });
  return issuesOf(fleet.step().effects);
}

/** The reasons of the clusters that are not done, each of which has exactly one. */
function reasonsOf(fleet: ExampleFleet): Record<string, string> {
  const named = fleet.reasons.filter((r) => r.cluster !== undefined);
  expect(new Set(named.map((r) => r.cluster)).size).toBe(named.length);
  return Object.fromEntries(named.map((r) => [r.cluster, r.reason]));
}

describe("minReady", () => {
  it("is per cluster, and frees its place", () => {
    const fleet = completed({ minReadyMs: 20_000 });
    expect(next(fleet)).toEqual(["a", "b"]);
    fleet.deliver("a");
    fleet.step();
    expect(issuesOf(fleet.pass(10_000))).toEqual([]);
    expect(issuesOf(fleet.pass(10_000))).toEqual(["c"]);
  });
});

describe("soak", () => {
  it("is per wave, and starts when its last cluster is confirmed", () => {
    const fleet = completed({ soakMs: 30_000 });
    next(fleet);
    fleet.settle();
    expect(fleet.state?.waves[0]).toMatchObject({ soakedMs: 0, soaking: true });
    fleet.pass(20_000);
    expect(fleet.state?.phase).toBe("Progressing");
    fleet.pass(10_000);
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("counts only time with fresh reports, accumulates, and a restart adds nothing", () => {
    const fleet = completed({ soakMs: 30_000 });
    next(fleet);
    fleet.settle();
    fleet.pass(20_000);
    fleet.restart();
    fleet.nowMs += 40_000;
    fleet.step();
    expect(fleet.state?.waves[0]?.soakedMs).toBe(20_000);
    fleet.nowMs += 10_000;
    fleet.step();
    expect(fleet.state?.waves[0]?.soakedMs).toBe(20_000);
    for (const { name } of fleet.clusters.values()) fleet.hear(name);
    fleet.step();
    fleet.pass(10_000);
    expect(fleet.state?.phase).toBe("Completed");
  });
});

describe("maxConcurrency", () => {
  it("bounds issued and not confirmed, superseded ones too", () => {
    const fleet = completed();
    expect(next(fleet)).toEqual(["a", "b"]);
    expect(next(fleet, 3)).toEqual(["a", "b"]);
    expect(reasonsOf(fleet)).toEqual({
      ...{ a: "NotReady", b: "NotReady" },
      ...{ c: "OverBudget", d: "OverBudget", e: "OverBudget" },
    });
  });

  it.each([
    [25, 3, 1],
    [25, 7, 1],
    [50, 5, 2],
    [100, 5, 5],
  ])(
    "of %i percent of %i is %i: never 0 by rounding, never above",
    (...row) => {
      const [part, size, allowed] = row;
      expect(budgetOf(percent(part), size)).toBe(allowed);
      expect(failuresAllowed(percent(1), size)).toBe(0);
    },
  );
});

describe("maxUnavailable", () => {
  it("bounds issued and not confirmed, not Ready and not heard of together, before each issue", () => {
    const fleet = completed({ maxUnavailable: two });
    fleet.deliver("d", { app: {} });
    fleet.cut("e");
    fleet.step();
    expect(next(fleet)).toEqual(["d"]);
    expect(reasonsOf(fleet)).toMatchObject({ a: "OverBudget", e: "Offline" });
  });

  it("defaults to maxConcurrency, of which a wave may say otherwise", () => {
    expect(exampleWave({ maxConcurrency: two }).maxUnavailable).toEqual(two);
    const fleet = completed({ maxConcurrency: five, maxUnavailable: one });
    expect(next(fleet)).toEqual(["a"]);
  });

  it("counts clusters, not issues: one heard of and counted may get a newer target, one not heard of may not", () => {
    const fleet = completed({ maxUnavailable: two });
    next(fleet);
    fleet.cut("b");
    expect(next(fleet, 3)).toEqual(["a"]);
  });
});

describe("a gate", () => {
  it("demands every bundle that changed, and all that depend on them", () => {
    const fleet = new ExampleFleet(exampleRollout([exampleWave()]));
    fleet.join("a");
    fleet.commit(1, { base: "1", app: "1", page: "1" });
    fleet.settle();
    fleet.commit(2, { base: "2", app: "1", page: "1" });
    fleet.step();
    fleet.deliver("a", { page: {} });
    fleet.step();
    expect(fleet.state?.clusters["a"]?.confirmed).toBe(false);
    expect(reasonsOf(fleet)).toEqual({ a: "NotReady" });
  });

  it("excuses a bundle that was already not Ready and is unchanged, and lists it", () => {
    const fleet = completed({ maxUnavailable: one });
    fleet.deliver("a", { other: {} });
    fleet.step();
    expect(next(fleet)).toEqual(["a"]);
    fleet.deliver("a", { other: {} });
    fleet.step();
    expect(reasonsOf(fleet)).toMatchObject({ a: "Excused", b: "NotReady" });
  });
});

describe("a cluster fails", () => {
  const failedAfter = (fleet: ExampleFleet, ms: number): string => {
    fleet.pass(ms);
    return fleet.state?.clusters["a"]?.failed ?? "";
  };

  it("when a bundle that its gate looks at is Failed or cannot be applied", () => {
    const fleet = completed();
    next(fleet);
    fleet.deliver("a", { app: { failed: true, message: "refused" } });
    expect(failedAfter(fleet, 1_000)).toBe("app: refused");
    expect(fleet.state?.phase).toBe("Halted");
    expect(reasonsOf(fleet)).toMatchObject({ a: "Failed", c: "NotIssued" });
  });

  it("when such a bundle is not Ready at its timeout", () => {
    const fleet = completed();
    next(fleet);
    fleet.deliver("a", { app: {} });
    fleet.step();
    expect(failedAfter(fleet, 170_000)).toBe("");
    expect(failedAfter(fleet, 10_000)).toContain("timeout of 3m");
  });

  it("when it is not confirmed progressDeadline after issue, time offline not counted", () => {
    const fleet = completed({ progressDeadlineMs: 60_000 });
    next(fleet);
    fleet.pass(50_000);
    fleet.cut("a");
    fleet.deliver("b");
    expect(failedAfter(fleet, 300_000)).toBe("");
    fleet.hear("a");
    expect(failedAfter(fleet, 10_000)).toContain("not confirmed 1m");
  });

  it("and more than maxFailures of a wave trigger onFailure", () => {
    const fleet = completed({ maxFailures: one }, { onFailure: "rollback" });
    next(fleet);
    const trouble = { app: { failed: true } };
    fleet.deliver("a", trouble);
    fleet.step();
    expect(fleet.state?.phase).toBe("Progressing");
    expect(fleet.state?.returning).toBe(false);
    fleet.deliver("b", trouble);
    fleet.step();
    expect(fleet.state?.returning).toBe(true);
    expect(fleet.state?.rejected).toHaveLength(1);
  });
});

describe("offline", () => {
  it.each([
    ["wait", "Progressing", ["a"]],
    ["count", "Completed", ["a"]],
    ["skip", "Completed", ["a", "b"]],
  ] as const)(
    "%s: whether it fills a place, and whether the wave may end without it",
    (offline, phase, issued) => {
      const fleet = completed({ offline, maxUnavailable: two });
      fleet.cut("e");
      fleet.pass(60_000);
      expect(next(fleet)).toEqual(issued);
      fleet.settle();
      expect(fleet.state?.phase).toBe(phase);
      expect(reasonsOf(fleet)).toEqual({ e: "Offline" });
      fleet.hear("e");
      expect(issuesOf(fleet.step().effects)).toEqual(["e"]);
    },
  );
});

describe("a Cluster that has never joined", () => {
  it("is in no rollout and blocks none", () => {
    const fleet = completed();
    fleet.join("z").joined = false;
    next(fleet);
    fleet.settle();
    expect(fleet.state?.phase).toBe("Completed");
    expect(reasonsOf(fleet)).toEqual({ z: "NotJoined" });
  });
});

describe("one that joins", () => {
  it("before any revision was completed enters the running rollout in its wave", () => {
    const fleet = new ExampleFleet(exampleRollout([exampleWave()]));
    fleet.join("a");
    fleet.commit(1, { app: "1" });
    fleet.step();
    fleet.join("b");
    fleet.deliver("a");
    expect(issuesOf(fleet.step().effects)).toEqual(["b"]);
    expect(fleet.state?.waves[0]?.clusters).toEqual(["a", "b"]);
  });

  it("later gets the newest completed revision first, and blocks no wave", () => {
    const six = { kind: "count", count: 6 };
    const fleet = completed({ maxConcurrency: six, maxUnavailable: six });
    next(fleet);
    fleet.join("f");
    fleet.step();
    expect(fleet.get("f").issued?.revision).toEqual(fleet.state?.previous);
    for (const name of ["a", "b", "c", "d", "e"]) fleet.deliver(name);
    fleet.step();
    expect(fleet.state?.phase).toBe("Completed");
  });
});

describe("undo", () => {
  it("durably rejects the revision: only another commit, or resume --revision, goes on", () => {
    const fleet = completed();
    next(fleet);
    fleet.step({ kind: "undo", by });
    fleet.settle();
    fleet.restart();
    for (const { name } of fleet.clusters.values()) fleet.hear(name);
    expect(next(fleet)).toEqual([]);
    expect(next(fleet, 3)).not.toEqual([]);
  });
});

describe("a reason", () => {
  it("stands for every cluster that is not done, and for each once", () => {
    const rollout = { clustersNotMatched: "never" } as const;
    const clusterSelector = { matchLabels: { env: "production" } };
    const fleet = new ExampleFleet(
      exampleRollout(
        [exampleWave({ clusterSelector, maxUnavailable: five })],
        rollout,
      ),
    );
    const env = { env: "production" };
    for (const name of ["a", "b", "c", "d", "e"]) fleet.join(name, env);
    fleet.join("never", env).joined = false;
    fleet.join("unmatched");
    fleet.commit(1, ({ name }) => (name === "c" ? null : { app: "1" }));
    fleet.cut("d");
    fleet.get("e").suspended = true;
    fleet.step();
    expect(reasonsOf(fleet)).toEqual({
      ...{ a: "NotReady", b: "OverBudget", c: "NoTarget", d: "Offline" },
      ...{ e: "Suspended", never: "NotJoined", unmatched: "NoWave" },
    });
  });
});
