import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  exampleRevision,
  exampleRollout,
  exampleWave,
} from "./example-fleet.fixture.ts";
import { comparedRevision, startProblems } from "./start-problems.ts";

/** One cluster at revision 1, completed; 2 is blocked. */
function blockedAtSecond(): ExampleFleet {
  const fleet = new ExampleFleet(exampleRollout([exampleWave()]));
  fleet.join("a");
  fleet.commit(1, { app: "1" });
  fleet.settle();
  fleet.commit(2, { app: "2" }, { newProblems: ["bad"] });
  fleet.step();
  return fleet;
}

describe("the revision that a head's problems are compared with", () => {
  it("is the one that is rolled out", () => {
    const { state } = blockedAtSecond();
    const completed = state === null ? null : { ...state };
    expect(comparedRevision(null, exampleRevision(1))).toBeNull();
    const running = { ...completed, phase: "Progressing" } as typeof state;
    expect(comparedRevision(running, exampleRevision(3))).toEqual(
      exampleRevision(2),
    );
  });

  it("is the one before, where the rolled out one is the head or never started", () => {
    const { state } = blockedAtSecond();
    expect(state?.phase).toBe("Blocked");
    for (const head of [2, 3]) {
      expect(comparedRevision(state, exampleRevision(head))).toEqual(
        exampleRevision(1),
      );
    }
  });
});

describe("the problems for which a head does not start", () => {
  const location = { file: "apps/web.yaml", line: 3 };
  const problem = {
    ...{ reason: "BuildFailed" as const, subject: "Kustomization/web" },
    ...{ message: "path is missing", location, clusters: ["a"] },
  };

  it("are new ones, with their place, wherever their line has moved", () => {
    const hasRun = new Set(["a"]);
    expect(startProblems([problem], [], hasRun)).toEqual([
      "apps/web.yaml:3 Kustomization/web: path is missing",
    ]);
    const moved = { ...problem, location: { ...location, line: 9 } };
    expect(startProblems([problem], [moved], hasRun)).toEqual([]);
  });

  it("are none of clusters that have run nothing, nor warnings", () => {
    expect(startProblems([problem], [], new Set(["b"]))).toEqual([]);
    const warning = { ...problem, clusters: [] };
    expect(startProblems([warning], [], new Set(["a"]))).toEqual([]);
  });

  it("are told without a place where they have none", () => {
    const { location: _, ...rest } = problem;
    expect(startProblems([rest], [], new Set(["a"]))).toEqual([
      "Kustomization/web: path is missing",
    ]);
    const { file } = location;
    const lineless = { ...problem, location: { file } };
    expect(startProblems([lineless], [], new Set(["a"]))[0]).toMatch(
      /^apps\/web.yaml Kustomization/,
    );
  });
});
