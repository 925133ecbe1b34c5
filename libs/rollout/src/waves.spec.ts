import { describe, expect, it } from "vitest";
import { budgetOf, failuresAllowed } from "./budget.ts";
import {
  ExampleFleet,
  exampleActor,
  exampleRollout,
  exampleWave,
  issuesOf,
  notesOf,
} from "./example-fleet.fixture.ts";
import { describeRollout } from "./describe-rollout.ts";
import { waveOf } from "./wave-plan.ts";

const by = exampleActor;
const staging = { env: "staging" };
const production = { env: "production" };

function wave(name: string, more = {}): ReturnType<typeof exampleWave> {
  const clusterSelector = { matchLabels: { env: name } };
  return exampleWave({ name, clusterSelector, ...more });
}

/** Two waves, of one and three clusters, at revision 1. */
function twoWaves(staged = {}, produced = {}, rollout = {}): ExampleFleet {
  const fleet = new ExampleFleet(
    exampleRollout(
      [wave("staging", staged), wave("production", produced)],
      rollout,
    ),
  );
  fleet.join("s1", staging);
  for (const name of ["p1", "p2", "p3"]) fleet.join(name, production);
  return fleet;
}

function completed(fleet: ExampleFleet): ExampleFleet {
  fleet.commit(1, { base: "1", app: "1" });
  fleet.settle();
  for (let i = 0; i < 20 && fleet.state?.phase !== "Completed"; i++) {
    fleet.step({ kind: "approve", wave: "production", by });
    fleet.pass(10_000);
    fleet.settle();
  }
  expect(fleet.state?.phase).toBe("Completed");
  return fleet;
}

function reasonOf(fleet: ExampleFleet, cluster: string): string {
  const reason = fleet.reasons.find((r) => r.cluster === cluster);
  return `${reason?.reason}: ${reason?.message}`;
}

function waveReason(fleet: ExampleFleet, name: string): string {
  const reason = fleet.reasons.find(
    (r) => r.wave === name && r.cluster === undefined,
  );
  return `${reason?.reason}: ${reason?.message}`;
}

describe("budget", () => {
  it.each([
    [25, 3, 1],
    [25, 7, 1],
    [25, 8, 2],
    [29, 100, 29],
    [1, 1, 1],
    [100, 5, 5],
    [150, 4, 4],
    [0, 9, 0],
    [25, 0, 0],
  ])("of %i percent, with %i clusters, is %i", (percent, size, allowed) => {
    expect(budgetOf({ kind: "percent", percent }, size)).toBe(allowed);
  });

  it("takes a number as it is", () => {
    expect(budgetOf({ kind: "count", count: 3 }, 1)).toBe(3);
  });

  it("rounds failures down, also to none", () => {
    expect(failuresAllowed({ kind: "percent", percent: 10 }, 9)).toBe(0);
    expect(failuresAllowed({ kind: "percent", percent: 10 }, 20)).toBe(2);
    expect(failuresAllowed({ kind: "count", count: 1 }, 20)).toBe(1);
  });
});

describe("waves", () => {
  it("take a cluster into the first that selects it", () => {
    const spec = exampleRollout([
      exampleWave({ clusterSelector: { matchLabels: { ring: "1" } } }),
      exampleWave({ clusterSelector: { matchLabels: production } }),
    ]);
    expect(waveOf(spec, { env: "production", ring: "1" })).toBe(0);
    expect(waveOf(spec, production)).toBe(1);
  });

  it.each([
    ["lastWave", 1],
    ["immediately", 2],
    ["never", null],
  ] as const)("with clustersNotMatched %s put others at %s", (rule, index) => {
    const waves = [wave("staging"), wave("production")];
    const spec = exampleRollout(waves, { clustersNotMatched: rule });
    expect(waveOf(spec, { env: "edge" })).toBe(index);
  });

  it("never issue to what no wave matches, with never", () => {
    const fleet = twoWaves({}, {}, { clustersNotMatched: "never" });
    fleet.join("edge", { env: "edge" });
    fleet.commit(1, { base: "1" });
    expect(fleet.settle()).not.toContain("edge");
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("issue at once to what no wave matches, with immediately", () => {
    const fleet = twoWaves({}, {}, { clustersNotMatched: "immediately" });
    fleet.join("edge", { env: "edge" });
    fleet.commit(1, { base: "1" });
    expect(issuesOf(fleet.step().effects)).toEqual(["s1", "edge"]);
  });

  it("start in order, each when the one before is confirmed (S15)", () => {
    const fleet = twoWaves();
    fleet.commit(1, { base: "1" });
    expect(issuesOf(fleet.step().effects)).toEqual(["s1"]);
    expect(waveReason(fleet, "production")).toBe(
      "WaitsForWave: waits for wave staging",
    );
    expect(issuesOf(fleet.pass(60_000))).toEqual([]);
    fleet.deliver("s1");
    expect(issuesOf(fleet.step().effects)).toEqual(["p1"]);
    expect(fleet.settle()).toEqual(["p2", "p3"]);
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("count a cluster whose root the commit does not change as done, at once", () => {
    const fleet = completed(twoWaves({ soakMs: 60_000 }));
    fleet.commit(2, ({ name }) => ({
      base: "1",
      app: name === "p2" ? "2" : "1",
    }));
    expect(issuesOf(fleet.step().effects)).toEqual(["p2"]);
  });

  it("do not count an unchanged root as done that was never confirmed", () => {
    const fleet = twoWaves();
    fleet.commit(1, { base: "1" });
    fleet.step();
    fleet.commit(2, ({ name }) => ({ base: name === "s1" ? "1" : "2" }));
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(reasonOf(fleet, "s1")).toBe("NotReady: not acknowledged");
    fleet.deliver("s1");
    expect(issuesOf(fleet.step().effects)).toEqual(["p1"]);
  });

  it("soak after their last cluster is confirmed, before the next starts", () => {
    const fleet = twoWaves({ soakMs: 60_000 });
    fleet.commit(1, { base: "1" });
    fleet.step();
    fleet.pass(50_000);
    fleet.deliver("s1");
    fleet.step();
    expect(issuesOf(fleet.pass(50_000))).toEqual([]);
    expect(waveReason(fleet, "staging")).toBe("Soaking: soaked 50s of 1m");
    expect(issuesOf(fleet.pass(10_000))).toEqual(["p1"]);
  });

  it("soak only while there are fresh reports, across restarts and gaps", () => {
    const fleet = twoWaves({ soakMs: 60_000 });
    fleet.commit(1, { base: "1" });
    fleet.step();
    fleet.deliver("s1");
    fleet.step();
    fleet.pass(30_000);
    fleet.restart();
    fleet.nowMs += 20_000;
    fleet.step();
    expect(waveReason(fleet, "staging")).toBe(
      "SoakHeld: soaked 30s of 1m; s1: not connected",
    );
    fleet.hear("s1");
    for (const name of ["p1", "p2", "p3"]) fleet.hear(name);
    fleet.nowMs += 20_000;
    fleet.step();
    expect(waveReason(fleet, "staging")).toContain("soaked 30s of 1m");
    fleet.nowMs += 46_000;
    fleet.hear("s1");
    fleet.step();
    expect(waveReason(fleet, "staging")).toContain("soaked 30s of 1m");
    expect(issuesOf(fleet.pass(30_000))).toEqual(["p1"]);
  });

  it("do not soak by a clock that jumps back and forth", () => {
    const fleet = twoWaves({ soakMs: 60_000 });
    fleet.commit(1, { base: "1" });
    fleet.step();
    fleet.deliver("s1");
    fleet.step();
    fleet.nowMs -= 3_600_000;
    fleet.hear("s1");
    fleet.step();
    fleet.nowMs += 3_600_000;
    fleet.hear("s1");
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(waveReason(fleet, "staging")).toContain("soaked 0s");
  });

  it("hold a soak while a confirmed cluster is not Ready any more", () => {
    const fleet = twoWaves({ soakMs: 20_000 });
    fleet.commit(1, { base: "1", app: "1" });
    fleet.step();
    fleet.deliver("s1");
    fleet.step();
    fleet.deliver("s1", { app: { message: "1 of 2 replicas available" } });
    fleet.pass(60_000);
    expect(waveReason(fleet, "staging")).toBe(
      "SoakHeld: soaked 0s of 20s; s1: app: 1 of 2 replicas available",
    );
  });

  it("soak for a cluster that the hub had lost track of, although the commit does not change it", () => {
    const fleet = completed(twoWaves({ soakMs: 20_000 }));
    const contents = (app: string) => (cluster: { readonly name: string }) =>
      cluster.name === "s1" ? { base: "1", app: "1" } : { base: "1", app };
    fleet.commit(2, contents("2"));
    fleet.settle();
    // What the hub knew of it is gone, and so is the cluster for now.
    fleet.get("s1").issued = null;
    fleet.cut("s1");
    fleet.commit(3, contents("3"));
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    fleet.hear("s1");
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(waveReason(fleet, "staging")).toContain("soaked 0s of 20s");
    expect(issuesOf(fleet.pass(10_000))).toEqual([]);
    expect(issuesOf(fleet.pass(10_000))).toEqual(["p1"]);
  });

  it("watch what was in flight when a commit without a change for it came", () => {
    const fleet = completed(twoWaves({ soakMs: 20_000 }));
    const contents = (app: string) => (cluster: { readonly name: string }) =>
      cluster.name === "s1" ? { base: "1", app: "2" } : { base: "1", app };
    fleet.commit(2, contents("2"));
    expect(issuesOf(fleet.step().effects)).toEqual(["s1"]);
    fleet.commit(3, contents("3"));
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    fleet.deliver("s1");
    fleet.step();
    expect(waveReason(fleet, "staging")).toContain("soaked 0s of 20s");
    fleet.deliver("s1", { app: { failed: true } });
    fleet.step();
    expect(fleet.state?.phase).toBe("Halted");
  });

  it("wait for approval before they start, and only then take it", () => {
    const fleet = twoWaves({}, { approval: "manual" });
    fleet.commit(1, { base: "1" });
    fleet.step();
    const approve = { kind: "approve", wave: "production", by } as const;
    expect(fleet.step(approve).refused).toContain("it is the turn of staging");
    fleet.deliver("s1");
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(waveReason(fleet, "production")).toBe(
      "WaitsForApproval: needs approval: wheelhouse rollout approve default --wave production",
    );
    expect(fleet.step({ ...approve, generation: 9 }).refused).toContain(
      "look again",
    );
    expect(fleet.step({ ...approve, wave: "prod" }).refused).toContain(
      "there is no wave prod",
    );
    const approved = fleet.step(approve);
    expect(approved.refused).toBeNull();
    expect(issuesOf(approved.effects)).toEqual(["p1"]);
    expect(fleet.state?.waves[1]?.approval).toEqual(by);
    expect(fleet.step(approve).refused).toContain("already approved by olivia");
  });

  it("need their approval anew in each generation", () => {
    const fleet = twoWaves({}, { approval: "manual" });
    fleet.commit(1, { base: "1" });
    fleet.step();
    fleet.deliver("s1");
    fleet.step();
    fleet.step({ kind: "approve", wave: "production", by });
    fleet.settle();
    fleet.commit(2, { base: "2" });
    fleet.step();
    fleet.deliver("s1");
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(waveReason(fleet, "production")).toContain("needs approval");
  });

  it("ask for neither approval nor soak where they change nothing", () => {
    const fleet = completed(
      twoWaves({}, { approval: "manual", soakMs: 10_000 }),
    );
    fleet.commit(2, ({ name }) => ({
      base: "1",
      app: name === "s1" ? "2" : "1",
    }));
    fleet.settle();
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("leave a cluster without a target where it is, and name it", () => {
    const fleet = completed(twoWaves());
    fleet.commit(2, ({ name }) => (name === "s1" ? null : { base: "2" }));
    expect(issuesOf(fleet.step().effects)).toEqual(["p1"]);
    expect(reasonOf(fleet, "s1")).toContain("NoTarget: cannot be built");
  });

  it("skip a suspended cluster, list it, and issue once it is resumed", () => {
    const fleet = twoWaves();
    fleet.get("s1").suspended = true;
    fleet.commit(1, { base: "1" });
    expect(issuesOf(fleet.step().effects)).toEqual(["p1"]);
    expect(reasonOf(fleet, "s1")).toBe(
      "Suspended: suspended: wheelhouse resume s1",
    );
    fleet.get("s1").suspended = false;
    expect(issuesOf(fleet.step().effects)).toEqual(["s1"]);
  });

  it("are blocked by no cluster that has never joined", () => {
    const fleet = twoWaves();
    fleet.get("s1").joined = false;
    fleet.commit(1, { base: "1" });
    expect(fleet.settle()).toEqual(["p1", "p2", "p3"]);
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("wait for a first cluster before they end", () => {
    const fleet = new ExampleFleet(
      exampleRollout([wave("staging"), wave("production")]),
    );
    fleet.commit(1, { base: "1" });
    fleet.step();
    expect(fleet.state?.phase).toBe("Progressing");
    expect(fleet.reasons[0]?.reason).toBe("NoClusters");
    fleet.join("p1", production);
    fleet.join("s1", staging);
    expect(issuesOf(fleet.step().effects)).toEqual(["s1"]);
  });

  it("take in one that joins before any revision was completed", () => {
    const fleet = twoWaves();
    fleet.commit(1, { base: "1" });
    fleet.step();
    fleet.join("s2", staging);
    fleet.deliver("s1");
    expect(issuesOf(fleet.step().effects)).toEqual(["s2"]);
    fleet.deliver("s2");
    expect(issuesOf(fleet.step().effects)).toEqual(["p1"]);
  });

  it("begin again with the first that joins, where they were done for want of clusters", () => {
    const fleet = new ExampleFleet(
      exampleRollout([
        wave("staging", { soakMs: 10_000 }),
        wave("production", { approval: "manual" }),
      ]),
    );
    fleet.join("p1", production);
    fleet.commit(1, { base: "1" });
    fleet.step();
    expect(waveReason(fleet, "production")).toMatch(/^WaitsForApproval/);
    fleet.join("s1", staging);
    expect(issuesOf(fleet.step().effects)).toEqual(["s1"]);
    expect(waveReason(fleet, "production")).toMatch(/^WaitsForWave/);
    const early = fleet.step({ kind: "approve", wave: "production", by });
    expect(early.refused).toMatch(/it is the turn of staging/);
    fleet.settle();
    expect(waveReason(fleet, "staging")).toMatch(/^Soaking/);
    fleet.pass(10_000);
    expect(waveReason(fleet, "production")).toMatch(/^WaitsForApproval/);
  });

  it("say that one which joined after completion is still on its way", () => {
    const fleet = completed(twoWaves());
    const stage = (): unknown => {
      const { state, input, reasons } = fleet;
      if (state === null || input === null) throw new Error("no rollout");
      return describeRollout(state, input, reasons).waves[1]?.stage;
    };
    expect(stage()).toBe("completed");
    fleet.join("p4", production);
    fleet.step();
    expect(stage()).toBe("progressing");
    fleet.settle();
    expect(stage()).toBe("completed");
  });

  it("are done in a later rollout while one that joined in it has the revision before", () => {
    const fleet = completed(twoWaves());
    fleet.commit(2, { base: "2", app: "2" });
    fleet.step();
    fleet.deliver("s1");
    fleet.step();
    fleet.join("s9", staging);
    fleet.step();
    fleet.deliver("s9");
    fleet.step();
    const { state, input, reasons } = fleet;
    if (state === null || input === null) throw new Error("no rollout");
    expect(state.phase).toBe("Progressing");
    const { waves } = describeRollout(state, input, reasons);
    expect(waves.map((w) => w.stage)).toEqual(["completed", "progressing"]);
  });

  it("give one that joins later the newest completed revision, and then this one", () => {
    const fleet = completed(twoWaves());
    fleet.commit(2, { base: "2" });
    fleet.step();
    fleet.join("s2", staging);
    fleet.join("p0", production);
    expect(issuesOf(fleet.step().effects)).toEqual(["p0"]);
    expect(fleet.get("p0").issued?.revision).toEqual(fleet.state?.previous);
    fleet.settle();
    expect(fleet.state?.phase).toBe("Completed");
    for (const { issued } of fleet.clusters.values()) {
      expect(issued?.revision).toEqual(fleet.state?.revision);
    }
  });

  it("give one that joins after completion the revision under the budget", () => {
    const fleet = completed(twoWaves());
    fleet.join("p4", production);
    fleet.join("p5", production);
    expect(issuesOf(fleet.step().effects)).toEqual(["p4"]);
    expect(fleet.settle()).toEqual(["p5"]);
  });

  it("give a further late one nothing once one of them fails, although there is a place", () => {
    const two = { kind: "count", count: 2 } as const;
    const bounds = { maxConcurrency: two, maxUnavailable: two };
    const fleet = completed(twoWaves({}, bounds));
    fleet.join("p4", production);
    expect(issuesOf(fleet.step().effects)).toEqual(["p4"]);
    fleet.deliver("p4", { app: { failed: true } });
    fleet.step();
    fleet.join("p5", production);
    expect(issuesOf(fleet.pass(60_000))).toEqual([]);
    expect(fleet.state?.phase).toBe("Completed");
    fleet.deliver("p4");
    expect(issuesOf(fleet.step().effects)).toEqual(["p5"]);
  });

  it("pass a changed target at the completed revision through their budgets", () => {
    const fleet = completed(twoWaves());
    let app = "1";
    fleet.commit(1, () => ({ base: "1", app }));
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    app = "blue";
    expect(issuesOf(fleet.step().effects)).toEqual(["s1", "p1"]);
    expect(fleet.settle()).toEqual(["p2", "p3"]);
  });
});

describe("notes", () => {
  it("tell each turn once", () => {
    const fleet = twoWaves();
    fleet.commit(1, { base: "1" });
    expect(notesOf(fleet.step().effects)).toEqual(["RolloutStarted"]);
    expect(notesOf(fleet.step().effects)).toEqual([]);
    fleet.deliver("s1");
    expect(notesOf(fleet.step().effects)).toEqual(["WaveCompleted"]);
  });
});
