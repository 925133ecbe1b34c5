import { describe, expect, it } from "vitest";
import {
  ExampleFleet,
  exampleActor,
  exampleRevision,
  exampleRollout,
  exampleTarget,
  exampleWave,
} from "./example-fleet.fixture.ts";
import { knownClusters } from "./known-cluster.ts";
import { observeCluster } from "./observation.ts";
import { type ClusterFact, type Target } from "./rollout-input.ts";
import { step } from "./step.ts";

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

describe("a version that was tallied, and is later than what was issued", () => {
  const later = { epoch: 1, seq: 900 };

  function tallied(change: (fact: ClusterFact) => Partial<ClusterFact>) {
    const fleet = new ExampleFleet(exampleRollout([wave]));
    const cluster = fleet.join("a");
    fleet.commit(1, contents);
    fleet.step();
    fleet.deliver("a");
    const progress = fleet.state?.clusters["a"];
    const seen = fleet.factOf(cluster);
    const fact = knownClusters([{ ...seen, ...change(seen) }]).get("a");
    if (progress === undefined || fact === undefined) throw new Error("none");
    const before = { ...progress, version: later };
    return observeCluster(before, fact, wave, 1_000).version;
  }

  it("is forgotten once the spoke takes up what was issued: another incarnation named it", () => {
    expect(tallied(() => ({}))).toMatchObject({ epoch: 1, seq: 1 });
  });

  it("stays while the spoke says nothing, or something else (S16)", () => {
    expect(tallied(() => ({ acknowledged: null }))).toEqual(later);
    const root = exampleTarget(exampleRevision(9), contents).root;
    const ahead = { ...later, seq: 800, root };
    expect(tallied(() => ({ acknowledged: ahead, report: null }))).toEqual(
      later,
    );
  });
});

describe("a step without the targets of any revision", () => {
  const time = { monotonicMs: 1_005_000, iso: "2030-01-01T00:00:00Z" };
  const unknown = { targetsAt: null, clusters: [] };

  it("takes nobody for gone, and asks for the targets", () => {
    const fleet = new ExampleFleet(exampleRollout([wave]));
    fleet.join("a");
    const revision = fleet.commit(1, contents);
    fleet.step();
    const { head, state } = fleet;
    const result = step(state, { head, ...unknown, command: null }, time);
    expect(state?.clusters).toHaveProperty("a");
    expect(result.state?.clusters).toEqual(state?.clusters);
    expect(result).toMatchObject({ effects: [], wants: revision });
  });

  it.each([
    ["undo", "Progressing", true],
    ["pause", "Paused", false],
    ["abort", "Aborted", false],
  ] as const)(
    "follows a command only where it needs no facts: %s",
    (kind, phase, isRefused) => {
      const fleet = new ExampleFleet(exampleRollout([wave]));
      fleet.join("a");
      fleet.commit(1, contents);
      fleet.step();
      const { head, state } = fleet;
      const command = { kind, by: exampleActor };
      const result = step(state, { head, ...unknown, command }, time);
      const refused = /try again/.test(result.refused ?? "");
      expect(refused).toBe(isRefused);
      expect(result.state?.phase).toBe(phase);
      expect(result.state?.clusters).toHaveProperty("a");
    },
  );
});
