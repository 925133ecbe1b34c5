import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  exampleActor,
  exampleRevision,
  exampleRollout,
  exampleWave,
  issuesOf,
  notesOf,
} from "./example-fleet.fixture.ts";
import { type RolloutStep } from "./rollout-step.ts";
import { step } from "./step.ts";

const by = exampleActor;

/** Three clusters, one after another, at revision 1, completed. */
function three(rollout = {}, wave = {}): ExampleFleet {
  const fleet = new ExampleFleet(exampleRollout([exampleWave(wave)], rollout));
  for (const name of ["a", "b", "c"]) fleet.join(name);
  fleet.commit(1, { app: "1" });
  fleet.settle();
  expect(fleet.state?.phase).toBe("Completed");
  return fleet;
}

/** The same, with revision 2 confirmed on `a` and issued to `b`. */
function underWay(rollout = {}): ExampleFleet {
  const fleet = three(rollout);
  fleet.commit(2, { app: "2" });
  fleet.step();
  fleet.deliver("a");
  expect(issuesOf(fleet.step().effects)).toEqual(["b"]);
  return fleet;
}

function command(
  fleet: ExampleFleet,
  kind: "pause" | "resume" | "abort" | "undo",
): RolloutStep {
  return fleet.step({ kind, by });
}

function resumeRevision(fleet: ExampleFleet, revision: string): RolloutStep {
  return fleet.step({ kind: "resume", revision, by });
}

function commits(fleet: ExampleFleet): string {
  return [...fleet.clusters.values()]
    .map(({ issued }) => issued?.revision.commit.slice(7, 8))
    .join("");
}

describe("pause", () => {
  it("stops every issue, also of a newer commit, until it is resumed (S13)", () => {
    const fleet = underWay();
    fleet.deliver("b");
    expect(issuesOf(command(fleet, "pause").effects)).toEqual([]);
    fleet.restart();
    for (const name of ["a", "b", "c"]) fleet.hear(name);
    fleet.commit(3, { app: "3" });
    expect(issuesOf(fleet.pass(600_000))).toEqual([]);
    expect(fleet.reasons.map((r) => r.reason)).toContain("HeadWaits");
    expect(issuesOf(command(fleet, "resume").effects)).toEqual(["a"]);
    expect(fleet.state?.revision).toEqual(exampleRevision(3));
  });

  it("goes on to confirm what is in flight", () => {
    const fleet = underWay();
    command(fleet, "pause");
    fleet.deliver("b");
    fleet.step();
    expect(fleet.get("b").confirmed).toBe(true);
  });

  it("is refused twice, and resumed only where there is something to", () => {
    const fleet = underWay();
    expect(command(fleet, "resume").refused).toContain("nothing to resume");
    command(fleet, "pause");
    expect(command(fleet, "pause").refused).toBe("already paused by olivia");
  });

  it("holds joiners too", () => {
    const fleet = underWay();
    command(fleet, "pause");
    fleet.deliver("b");
    fleet.step();
    fleet.join("0");
    expect(issuesOf(fleet.step().effects)).toEqual([]);
  });
});

describe("abort", () => {
  it("leaves clusters where they are, until another commit", () => {
    const fleet = underWay();
    command(fleet, "abort");
    fleet.deliver("b");
    expect(issuesOf(fleet.pass(60_000))).toEqual([]);
    expect(command(fleet, "resume").refused).toContain("push another commit");
    fleet.commit(3, { app: "3" });
    expect(issuesOf(fleet.step().effects)).toEqual(["a"]);
  });

  it("gives a joiner the newest completed revision", () => {
    const fleet = underWay();
    command(fleet, "abort");
    fleet.deliver("b");
    fleet.step();
    fleet.join("d");
    expect(issuesOf(fleet.step().effects)).toEqual(["d"]);
    expect(commits(fleet)).toBe("2211");
  });

  it("is taken back by name", () => {
    const fleet = underWay();
    command(fleet, "abort");
    const { commit } = exampleRevision(2);
    expect(resumeRevision(fleet, commit).refused).toBeNull();
    fleet.settle();
    expect(commits(fleet)).toBe("222");
  });
});

describe("undo", () => {
  it("returns to the revision before, within the budget, and for good", () => {
    const fleet = underWay();
    expect(issuesOf(command(fleet, "undo").effects)).toEqual(["b"]);
    fleet.settle();
    expect(commits(fleet)).toBe("111");
    expect(fleet.state?.phase).toBe("Completed");
    fleet.restart();
    for (const name of ["a", "b", "c"]) fleet.hear(name);
    fleet.commit(2, { app: "2" }, { lock: 7 });
    expect(issuesOf(fleet.pass(60_000))).toEqual([]);
    fleet.commit(3, { app: "3" });
    fleet.settle();
    expect(commits(fleet)).toBe("333");
    command(fleet, "undo");
    fleet.settle();
    expect(commits(fleet)).toBe("111");
  });

  it("is itself undone by resume --revision", () => {
    const fleet = underWay();
    command(fleet, "undo");
    const { commit } = exampleRevision(2);
    expect(resumeRevision(fleet, "0000").refused).toBe("0000 is not rejected");
    expect(resumeRevision(fleet, commit.slice(0, 8)).refused).toBeNull();
    expect(fleet.state?.rejected).toEqual([]);
    fleet.settle();
    expect(commits(fleet)).toBe("222");
  });

  it("returns to another lock of the same commit", () => {
    const fleet = three();
    fleet.commit(1, { app: "relocked" }, { lock: 2 });
    fleet.step();
    command(fleet, "undo");
    fleet.settle();
    expect(fleet.state?.phase).toBe("Completed");
    expect(fleet.state?.revision).toEqual(exampleRevision(1));
  });

  it("asks for neither soak nor approval, in all waves at once", () => {
    const waves = ["x", "y"].map((name) =>
      exampleWave({
        name,
        clusterSelector: { matchLabels: { wave: name } },
        soakMs: 20_000,
        approval: "manual",
      }),
    );
    const fleet = new ExampleFleet(exampleRollout(waves));
    for (const name of ["x1", "x2", "y1", "y2"]) {
      fleet.join(name, { wave: name.slice(0, 1) });
    }
    const finish = (): void => {
      for (let i = 0; i < 20; i++) {
        for (const wave of ["x", "y"])
          fleet.step({ kind: "approve", wave, by });
        fleet.settle();
        fleet.pass(10_000);
      }
      expect(fleet.state?.phase).toBe("Completed");
    };
    fleet.commit(1, { app: "1" });
    finish();
    fleet.commit(2, { app: "2" });
    finish();
    expect(issuesOf(command(fleet, "undo").effects)).toEqual(["x1", "y1"]);
    expect(fleet.settle()).toEqual(["x2", "y2"]);
    expect(fleet.state?.phase).toBe("Completed");
  });

  it("is refused where nothing was completed before", () => {
    const fleet = three();
    expect(command(fleet, "undo").refused).toContain(
      "no revision from before 00000001 that was completed is kept",
    );
  });

  it("is refused to somebody who saw another generation", () => {
    const fleet = underWay();
    const stale = fleet.step({ kind: "undo", by, generation: 1 });
    expect(stale.refused).toContain("look again");
    expect(issuesOf(stale.effects)).toEqual([]);
  });
});

describe("a commit that does not compile", () => {
  const problems = { newProblems: ["apps/webapp: cannot be built"] };

  it("blocks: nothing is issued", () => {
    const fleet = three();
    fleet.commit(2, { app: "2" }, problems);
    expect(issuesOf(fleet.pass(60_000))).toEqual([]);
    expect(fleet.state?.phase).toBe("Blocked");
    expect(fleet.state?.reason).toContain("cannot be built");
    fleet.commit(2, { app: "2" });
    expect(issuesOf(fleet.step().effects)).toEqual(["a"]);
  });

  it("goes on with compileErrors: continue", () => {
    const fleet = three({ compileErrors: "continue" });
    fleet.spec = { ...fleet.spec, compileErrors: "continue" };
    fleet.commit(2, { app: "2" }, problems);
    expect(issuesOf(fleet.step().effects)).toEqual(["a"]);
  });
});

describe("a newer commit", () => {
  it("supersedes, and starts at the first wave", () => {
    const fleet = underWay();
    fleet.commit(3, { app: "3" });
    expect(issuesOf(fleet.step().effects)).toEqual(["b"]);
    expect(fleet.state?.generation).toBe(3);
    expect(fleet.state?.previous).toEqual(exampleRevision(1));
  });

  it("that is the one under way changes nothing", () => {
    const fleet = underWay();
    fleet.step();
    const { state } = fleet;
    expect(fleet.step().effects).toEqual([]);
    expect(fleet.state).toEqual(state);
  });

  it("has its Rollout frozen when it starts", () => {
    const fleet = underWay();
    const revision = fleet.head?.revision ?? exampleRevision(2);
    fleet.head = { revision, spec: exampleRollout([]), newProblems: [] };
    fleet.step();
    expect(fleet.state?.spec.waves).toHaveLength(1);
  });
});

describe("a rollout that does not compile", () => {
  /** Revision 2 is blocked, and 1 runs. */
  function blocked(): ExampleFleet {
    const fleet = three();
    fleet.commit(2, { app: "2" }, { newProblems: ["x.yaml:1 bad"] });
    fleet.step();
    expect(fleet.state?.phase).toBe("Blocked");
    return fleet;
  }

  it("is blocked again after pause and resume, until it compiles", () => {
    const fleet = blocked();
    command(fleet, "pause");
    expect(issuesOf(command(fleet, "resume").effects)).toEqual([]);
    expect(fleet.state).toMatchObject({
      phase: "Blocked",
      reason: "x.yaml:1 bad",
    });
    expect(fleet.state).not.toHaveProperty("before");
    fleet.commit(2, { app: "2" });
    expect(issuesOf(fleet.step().effects)).toEqual(["a"]);
  });

  it("is blocked again where it was aborted and is taken back", () => {
    const fleet = blocked();
    command(fleet, "pause");
    command(fleet, "abort");
    const { commit } = exampleRevision(2);
    expect(resumeRevision(fleet, commit).refused).toBeNull();
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(fleet.state?.phase).toBe("Blocked");
  });

  it("does not start by another commit's being taken back", () => {
    const fleet = underWay();
    command(fleet, "undo");
    fleet.settle();
    fleet.commit(3, { app: "3" }, { newProblems: ["x.yaml:1 bad"] });
    fleet.step();
    const { commit } = exampleRevision(2);
    const taken = resumeRevision(fleet, commit);
    expect([taken.refused, issuesOf(taken.effects)]).toEqual([null, []]);
    expect(fleet.state).toMatchObject({ phase: "Blocked", rejected: [] });
  });
});

describe("taking a commit back", () => {
  it("leaves a paused rollout paused, and its failures", () => {
    const fleet = underWay();
    command(fleet, "undo");
    command(fleet, "pause");
    const { commit } = exampleRevision(2);
    expect(resumeRevision(fleet, commit).refused).toBeNull();
    expect(fleet.state?.phase).toBe("Paused");
    command(fleet, "resume");
    expect(fleet.state?.revision).toEqual(exampleRevision(2));
  });
});

describe("what is completed", () => {
  const approve = { kind: "approve", wave: "all", by } as const;

  it.each([
    [{ kind: "pause", by }, "nothing is rolling out"],
    [{ kind: "resume", by }, "there is nothing to resume"],
    [{ kind: "abort", by }, "there is nothing to abort"],
    [approve, "there is nothing to approve"],
  ] as const)("stays so: %j is refused, and why", (asked, why) => {
    const fleet = three();
    const { refused, effects } = fleet.step(asked);
    expect(refused).toContain(why);
    expect(refused).toContain("is Completed");
    expect(notesOf(effects)).toEqual([]);
    expect(fleet.state?.phase).toBe("Completed");
    expect(fleet.state).not.toHaveProperty("before");
  });

  it("is not paused after a return either", () => {
    const fleet = underWay();
    command(fleet, "undo");
    fleet.settle();
    expect(command(fleet, "pause").refused).toContain("is Completed");
  });
});

describe("pausing what is halted", () => {
  /** Revision 2 failed on its first cluster. */
  function halted(): ExampleFleet {
    const fleet = three();
    fleet.commit(2, { app: "2" });
    fleet.step();
    fleet.deliver("a", { app: { failed: true } });
    fleet.step();
    expect(fleet.state?.phase).toBe("Halted");
    return fleet;
  }

  it("resumes to halted, with its reason, and issues nothing", () => {
    const fleet = halted();
    const reason = fleet.state?.reason;
    command(fleet, "pause");
    fleet.restart();
    for (const name of ["a", "b", "c"]) fleet.hear(name);
    const resumed = command(fleet, "resume");
    expect(fleet.state).toMatchObject({ phase: "Halted", reason });
    expect(fleet.state).not.toHaveProperty("before");
    expect(issuesOf(resumed.effects)).toEqual([]);
    expect(resumed.effects[0]).toMatchObject({
      message: `resumed by olivia; halted: ${reason}`,
    });
    expect(issuesOf(fleet.pass(60_000))).toEqual([]);
    command(fleet, "resume");
    expect(fleet.state?.phase).toBe("Progressing");
    fleet.deliver("a");
    expect(issuesOf(fleet.step().effects)).toEqual(["b"]);
  });

  it("forgives no failure that came while it was paused", () => {
    const fleet = three();
    fleet.commit(2, { app: "2" });
    fleet.step();
    command(fleet, "pause");
    fleet.deliver("a", { app: { failed: true } });
    fleet.step();
    expect(issuesOf(command(fleet, "resume").effects)).toEqual([]);
    expect(fleet.state?.phase).toBe("Halted");
  });

  it("lets the commit that mends it start once it is resumed", () => {
    const fleet = halted();
    command(fleet, "pause");
    fleet.commit(3, { app: "3" });
    expect(issuesOf(fleet.step().effects)).toEqual([]);
    expect(issuesOf(command(fleet, "resume").effects)).toEqual(["a"]);
  });
});

describe("a rejected head", () => {
  it("is said as what the fleet does, before and after the return", () => {
    const fleet = underWay();
    command(fleet, "undo");
    const advice =
      "since 00000002 was rejected: push another commit, or " +
      "wheelhouse rollout resume default --revision 00000002";
    expect(fleet.reasons[0]?.message).toBe(`returns to 00000001, ${advice}`);
    fleet.settle();
    expect(fleet.reasons[0]?.message).toBe(`stays at 00000001, ${advice}`);
  });
});

describe("a hub that may not sign any more", () => {
  it("issues nothing, to nobody, whatever a person asks", () => {
    const fleet = three();
    fleet.commit(2, { app: "2" });
    fleet.targetsAt = exampleRevision(2);
    const time = { monotonicMs: fleet.nowMs, iso: "" };
    const signing = step(fleet.state, fleet.inputNow(), time);
    expect(issuesOf(signing.effects)).toEqual(["a"]);
    const ended = { ...fleet.inputNow(), mayIssue: false };
    const result = step(fleet.state, ended, time);
    expect(issuesOf(result.effects)).toEqual([]);
    expect(result.state?.clusters["a"]?.asked?.revision).not.toEqual(
      exampleRevision(2),
    );
    fleet.targetsAt = exampleRevision(1);
    const command = { kind: "undo", by } as const;
    const undone = { ...fleet.inputNow(command), mayIssue: false };
    expect(issuesOf(step(signing.state, undone, time).effects)).toEqual([]);
  });
});
