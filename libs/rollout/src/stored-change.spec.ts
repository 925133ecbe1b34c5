import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  exampleRollout,
  exampleWave,
} from "./example-fleet.fixture.ts";
import { nextLook } from "./next-look.ts";
import { type RolloutState } from "./rollout-state.ts";
import { isWorthStoring, tallyGrainMs } from "./stored-change.ts";

/** Two clusters, the first under way. */
function underWay(wave = {}): ExampleFleet {
  const fleet = new ExampleFleet(
    exampleRollout([exampleWave({ minReadyMs: 30_000, ...wave })]),
  );
  fleet.join("a");
  fleet.join("b");
  fleet.commit(1, { app: "1" });
  fleet.step();
  return fleet;
}

/** How many of so many steps, a second apart, have something to store. */
function writes(fleet: ExampleFleet, steps: number): number {
  let stored = fleet.state;
  let count = 0;
  for (let i = 0; i < steps; i++) {
    fleet.nowMs += 1_000;
    for (const { name, session } of fleet.clusters.values()) {
      if (session !== null) fleet.hear(name);
    }
    fleet.step();
    if (!isWorthStoring(stored, fleet.state)) continue;
    count += 1;
    stored = fleet.state;
  }
  return count;
}

describe("what is worth storing", () => {
  it("is a first state, and no absence of one", () => {
    const { state } = underWay();
    expect(isWorthStoring(null, state)).toBe(true);
    expect(isWorthStoring(state, null)).toBe(false);
    expect(isWorthStoring(state, state)).toBe(false);
  });

  it("is nothing while nothing but the clock moves", () => {
    const fleet = underWay();
    fleet.deliver("a");
    fleet.settle();
    fleet.pass(40_000);
    fleet.deliver("b");
    fleet.pass(60_000);
    expect(fleet.state?.phase).toBe("Completed");
    expect(writes(fleet, 100)).toBe(0);
  });

  it("is nothing while a cluster stays away", () => {
    const fleet = underWay();
    fleet.cut("a");
    fleet.cut("b");
    fleet.pass(120_000);
    expect(writes(fleet, 200)).toBe(0);
  });

  it("is nothing while a confirmed cluster stays Ready and another is waited for for ever", () => {
    const fleet = underWay();
    fleet.deliver("a");
    fleet.pass(40_000);
    fleet.cut("b");
    fleet.pass(120_000);
    expect(writes(fleet, 200)).toBe(0);
  });

  it("is a tally of time once in ten seconds", () => {
    const fleet = underWay();
    const count = writes(fleet, 100);
    expect(count).toBeGreaterThan(8);
    expect(count).toBeLessThan(12);
  });

  it.each<[string, (state: RolloutState) => RolloutState]>([
    ["the phase", (state) => ({ ...state, phase: "Paused" })],
    [
      "an approval",
      (state) => ({
        ...state,
        waves: state.waves.map((wave) => ({
          ...wave,
          approval: { actor: "olivia", at: "" },
        })),
      }),
    ],
    [
      "soaked time by a grain",
      (state) => ({
        ...state,
        waves: state.waves.map((wave) => ({ ...wave, soakedMs: tallyGrainMs })),
      }),
    ],
    ["a cluster that left", (state) => ({ ...state, clusters: {} })],
    [
      "a confirmation",
      (state) => {
        const [[name, progress] = ["", undefined]] = Object.entries(
          state.clusters,
        );
        if (progress === undefined) return state;
        const confirmed = { ...progress, confirmed: true };
        return { ...state, clusters: { ...state.clusters, [name]: confirmed } };
      },
    ],
  ])("is %s", (_, change) => {
    const { state } = underWay();
    const changed = state === null ? null : change(state);
    expect(isWorthStoring(state, changed)).toBe(true);
  });

  it("is not the monotonic clock", () => {
    const { state } = underWay();
    const later = state === null ? null : { ...state, steppedAtMs: 9 };
    expect(isWorthStoring(state, later)).toBe(false);
  });
});

describe("the next look", () => {
  it("is soon while the rollout moves, and on news alone once all is confirmed", () => {
    const fleet = underWay();
    expect(nextLook(null)).toEqual({ kind: "onNews" });
    expect(nextLook(fleet.state)).toMatchObject({ afterMs: 1_000 });
    fleet.deliver("a");
    fleet.pass(40_000);
    fleet.deliver("b");
    fleet.pass(60_000);
    expect(fleet.state?.phase).toBe("Completed");
    expect(nextLook(fleet.state)).toEqual({ kind: "onNews" });
  });

  it("goes on while something is in flight, also of a paused rollout", () => {
    const fleet = underWay();
    const by = { actor: "olivia", at: "" };
    fleet.step({ kind: "pause", by });
    expect(nextLook(fleet.state)).toMatchObject({ afterMs: 5_000 });
  });
});
