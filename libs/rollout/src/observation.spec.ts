import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  exampleRevision,
  exampleRollout,
  exampleTarget,
  exampleWave,
} from "./example-fleet.fixture.ts";
import { knownClusters } from "./known-cluster.ts";
import { observeCluster } from "./observation.ts";
import { type Target } from "./rollout-input.ts";

const wave = exampleWave();
const contents = { base: "1", app: "1", other: "1" };

/** What is made of a cluster whose rollout waits for `other` alone, when this is issued to it and `app` is not Ready. */
function observedAt(target: (own: Target) => Target) {
  const fleet = new ExampleFleet(exampleRollout([wave]));
  const cluster = fleet.join("a");
  fleet.commit(1, contents);
  fleet.step();
  const own = cluster.issued;
  const progress = fleet.state?.clusters["a"];
  if (own === null || progress === undefined) throw new Error("not issued");
  fleet.issue(cluster, target(own));
  fleet.deliver("a", { app: {} });
  const fact = knownClusters([fleet.factOf(cluster)]).get("a");
  if (fact === undefined) throw new Error("not known");
  return observeCluster({ ...progress, gated: ["other"] }, fact, wave, 1_000);
}

describe("a later issue to a cluster under way", () => {
  it("has to prove itself whole where somebody else decided it", () => {
    const foreign = exampleTarget(exampleRevision(9), {
      ...contents,
      base: "9",
    });
    const { gated, confirmed } = observedAt(() => foreign);
    expect(gated.toSorted()).toEqual(["app", "base", "other"]);
    expect(confirmed).toBe(false);
  });

  it("keeps its gate where the rollout itself asked for it", () => {
    const { gated, confirmed } = observedAt((own) => own);
    expect(gated).toEqual(["other"]);
    expect(confirmed).toBe(true);
  });
});
