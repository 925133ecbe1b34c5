import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  exampleActor,
  exampleRevision,
  exampleRollout,
  exampleTarget,
  exampleWave,
  issuesOf,
} from "./example-fleet.fixture.ts";
import { maxRejected } from "./generation.ts";
import { type RolloutEffect } from "./rollout-step.ts";
import { step } from "./step.ts";

const by = exampleActor;
const two = { kind: "count", count: 2 } as const;

/** Three clusters at revision 1, completed; 2 is rolled out to all of them. */
function atSecond(offline: "wait" | "skip" | "count"): ExampleFleet {
  const wave = { maxConcurrency: two, maxUnavailable: two, offline };
  const fleet = new ExampleFleet(exampleRollout([exampleWave(wave)]));
  for (const name of ["a", "b", "c"]) fleet.join(name);
  fleet.commit(1, { app: "1" });
  fleet.settle();
  fleet.commit(2, { app: "2" });
  fleet.settle();
  expect(fleet.state?.phase).toBe("Completed");
  return fleet;
}

const messagesOf = (effects: readonly RolloutEffect[]) =>
  effects.flatMap((e) => (e.kind === "note" ? [e.message] : []));

const commitOf = (fleet: ExampleFleet, name: string) =>
  fleet.get(name).issued?.revision.commit.slice(7, 8);

describe("undo after undo", () => {
  const completed = (...numbers: number[]): ExampleFleet => {
    const fleet = new ExampleFleet(exampleRollout([exampleWave({})]));
    for (const name of ["a", "b"]) fleet.join(name);
    for (const number of numbers) {
      fleet.commit(number, { app: String(number) });
      fleet.settle();
    }
    return fleet;
  };
  const undo = (fleet: ExampleFleet) => {
    const { refused } = fleet.step({ kind: "undo", by });
    fleet.settle();
    return refused ?? `at ${commitOf(fleet, "a")}${commitOf(fleet, "b")}`;
  };
  const nothing = (number: number) =>
    `no revision from before 0000000${number} that was completed is kept: ` +
    "there is nothing to return to; push a commit";

  it.each([
    [[1], [nothing(1)]],
    [
      [1, 2],
      ["at 11", nothing(1)],
    ],
    [
      [1, 2, 3],
      ["at 22", "at 11", nothing(1)],
    ],
    // The one before, and three from before that.
    [
      [1, 2, 3, 4, 5, 6],
      ["at 55", "at 44", "at 33", "at 22", nothing(2)],
    ],
  ])("goes from %j back as far as revisions are kept", (numbers, said) => {
    const fleet = completed(...numbers);
    expect(said.map(() => undo(fleet))).toEqual(said);
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("goes past one that was halted, to all that were completed before", () => {
    const fleet = completed(1, 2);
    fleet.commit(3, { app: "3" });
    fleet.step();
    fleet.deliver("a", { app: { failed: true } });
    fleet.pass(10_000);
    expect(fleet.state?.phase).toBe("Halted");
    expect([undo(fleet), undo(fleet)]).toEqual(["at 22", "at 11"]);
    fleet.commit(4, { app: "4" });
    fleet.settle();
    expect([undo(fleet), undo(fleet)]).toEqual(["at 11", nothing(1)]);
  });

  it("is never done by a rollback that fails: only a person goes further", () => {
    const spec = {
      ...exampleRollout([exampleWave({})]),
      onFailure: "rollback",
    };
    const fleet = new ExampleFleet(spec as typeof fleet.spec);
    fleet.join("a");
    for (const number of [1, 2, 3]) {
      fleet.commit(number, { app: String(number) });
      if (number < 3) fleet.settle();
    }
    fleet.step();
    fleet.deliver("a", { app: { failed: true } });
    fleet.pass(10_000);
    expect(fleet.state).toMatchObject({
      returning: true,
      phase: "Progressing",
    });
    fleet.deliver("a", { app: { failed: true } });
    fleet.pass(10_000);
    expect(fleet.state).toMatchObject({ returning: true, phase: "Halted" });
    expect(fleet.state?.revision.commit).toContain("2");
  });
});

describe("undo while a cluster is not heard of", () => {
  it.each([
    ["wait", "Progressing", "Offline: not connected; offline: wait"],
    ["count", "Completed", "Offline: not connected; offline: count"],
    [
      "skip",
      "Completed",
      "Offline: not connected; skipped, gets the target on return",
    ],
  ] as const)(
    "with offline: %s is %s after 45 s, and never says that the cluster has taken it",
    (offline, phase, reason) => {
      const fleet = atSecond(offline);
      fleet.cut("c");
      fleet.pass(600_000);
      fleet.step({ kind: "undo", by });
      fleet.settle();
      expect(fleet.state?.phase).toBe("Progressing");
      const notes = messagesOf(fleet.pass(60_000));
      expect(fleet.state?.phase).toBe(phase);
      const why = offline === "skip" ? "skipped" : "offline";
      const named = `00000001 is completed; not taken yet by c (${why})`;
      expect(notes.includes(named)).toBe(phase === "Completed");
      expect(commitOf(fleet, "a")).toBe("1");
      expect(commitOf(fleet, "c")).toBe("2");
      const found = fleet.reasons.find((r) => r.cluster === "c");
      expect(`${found?.reason}: ${found?.message}`).toBe(reason);
      fleet.hear("c");
      expect(issuesOf(fleet.step().effects)).toEqual(["c"]);
      fleet.settle();
      expect(fleet.state?.phase).toBe("Completed");
      expect(commitOf(fleet, "c")).toBe("1");
    },
  );

  it.each(["wait", "count", "skip"] as const)(
    "counts one that never got the rejected revision as where it is, with offline: %s",
    (offline) => {
      const fleet = atSecond(offline);
      fleet.commit(3, { app: "3" });
      fleet.cut("c");
      fleet.step();
      fleet.step({ kind: "undo", by });
      fleet.settle();
      expect(fleet.state?.phase).toBe("Completed");
      expect(commitOf(fleet, "c")).toBe("2");
    },
  );
});

describe("what was rejected", () => {
  it("is kept up to a bound, the newest of it", () => {
    const fleet = atSecond("wait");
    const { state } = fleet;
    if (state === null) throw new Error("no rollout");
    const older = Array.from({ length: maxRejected }, (_, index) =>
      exampleRevision(100 + index),
    );
    fleet.state = { ...state, rejected: older };
    const undone = fleet.step({ kind: "undo", by });
    expect(undone.refused).toBeNull();
    const rejected = fleet.state?.rejected;
    expect(rejected).toEqual([...older.slice(1), exampleRevision(2)]);
  });
});

describe("a cluster that joins in the middle of a rollout", () => {
  it("is given the completed revision, and no other under its name", () => {
    const fleet = atSecond("wait");
    fleet.commit(3, { app: "3" });
    fleet.step();
    fleet.step({ kind: "abort", by });
    for (const name of ["a", "b"]) fleet.deliver(name);
    fleet.step();
    fleet.join("d");
    const input = fleet.inputNow();
    const time = { monotonicMs: fleet.nowMs, iso: "" };
    const givenTo = (number: number) => {
      const completedTarget = exampleTarget(exampleRevision(number), {
        app: String(number),
      });
      const clusters = input.clusters.map((cluster) =>
        cluster.name === "d" ? { ...cluster, completedTarget } : cluster,
      );
      return issuesOf(step(fleet.state, { ...input, clusters }, time).effects);
    };
    expect(givenTo(2)).toEqual(["d"]);
    expect(givenTo(1)).toEqual([]);
  });
});
