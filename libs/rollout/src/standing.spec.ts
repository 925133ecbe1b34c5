import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  exampleRollout,
  exampleWave,
} from "./example-fleet.fixture.ts";
import { knownClusters } from "./known-cluster.ts";
import { createProgress } from "./observation.ts";
import { unknownBecause } from "./places.ts";
import { type ClusterFact } from "./rollout-input.ts";
import { standingOf } from "./standing.ts";

/** One cluster that has completed revision 1, as a step sees it after such a change. */
function standing(change: Partial<ClusterFact>) {
  const fleet = new ExampleFleet(exampleRollout([exampleWave()]));
  fleet.join("a");
  fleet.commit(1, { app: "1" });
  fleet.settle();
  const [seen] = fleet.inputNow().clusters;
  if (seen === undefined) throw new Error("no cluster");
  const fact = knownClusters([{ ...seen, ...change }]).get("a");
  if (fact === undefined) throw new Error("no fact");
  const progress = createProgress(0, false);
  const at = standingOf(fact, progress);
  const member = { name: "a", fact, progress, standing: at };
  return { ...at, unknown: unknownBecause(member) };
}

describe("where a cluster stands", () => {
  it("is free while it is confirmed and heard of", () => {
    expect(standing({})).toMatchObject({ inFlight: false, unknown: null });
  });

  it("is in flight while it acknowledged what nobody here knows (S16)", () => {
    const lost = { issued: null, issuedConfirmed: false, report: null };
    expect(standing(lost)).toMatchObject({
      ...{ inFlight: true, knownInFlight: false, unavailable: true },
      unknown: "NotReported",
    });
  });

  it("is in flight while nobody hears what a lost hub gave it (S16)", () => {
    const lost = { isOfEarlierEpoch: true, heardAgoMs: null };
    const unheard = { acknowledged: null, report: null };
    expect(standing({ ...lost, ...unheard })).toMatchObject({
      ...{ inFlight: true, knownInFlight: false, unavailable: true },
      unknown: "Offline",
    });
    expect(standing({ heardAgoMs: null, ...unheard }).inFlight).toBe(false);
  });

  it("is not surely in flight where only a lost hub's backup says so (S16)", () => {
    const asked = { issuedConfirmed: false, isOfEarlierEpoch: true };
    expect(standing(asked)).toMatchObject({
      ...{ inFlight: true, knownInFlight: false },
    });
  });

  it("is beyond what this hub may sign for, while it is ahead of its epoch", () => {
    expect(standing({ numberProblem: "LaterEpoch" }).unknown).toBe(
      "LaterEpoch",
    );
  });
});
