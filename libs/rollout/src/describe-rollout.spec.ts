import { describe, expect, it } from "vitest";
import {
  type RolloutDescription,
  describeRollout,
} from "./describe-rollout.ts";
import { formatDuration } from "./duration.ts";
import {
  ExampleFleet,
  exampleActor,
  exampleRollout,
  exampleWave,
} from "./example-fleet.fixture.ts";

function view(fleet: ExampleFleet): RolloutDescription {
  const { state } = fleet;
  if (state === null) throw new Error("no rollout");
  return describeRollout(state, fleet.inputNow(), fleet.reasons);
}

function stages(fleet: ExampleFleet): string {
  return view(fleet)
    .waves.flatMap(({ clusters }) => clusters)
    .map(({ name, stage }) => `${name} ${stage}`)
    .join(", ");
}

function fleetOf(wave = {}): ExampleFleet {
  const count = { kind: "count", count: 3 } as const;
  const common = { maxConcurrency: count, minReadyMs: 30_000, ...wave };
  const env = { matchLabels: { env: "staging" } };
  const fleet = new ExampleFleet(
    exampleRollout([
      exampleWave({ ...common, name: "staging", clusterSelector: env }),
      exampleWave({ ...common, name: "production", approval: "manual" }),
    ]),
  );
  for (const name of ["a", "b", "c"]) fleet.join(name, { env: "staging" });
  fleet.join("p", { env: "production" });
  fleet.commit(1, { app: "1", page: "1" });
  fleet.step();
  return fleet;
}

describe("describeRollout", () => {
  it("names who never joined beside the wave that would take them, and in the note of completion", () => {
    const fleet = new ExampleFleet(exampleRollout([exampleWave({})]));
    fleet.join("a");
    for (const name of ["y", "x"]) fleet.join(name).joined = false;
    fleet.join("s").suspended = true;
    fleet.commit(1, { app: "1" });
    fleet.step();
    fleet.deliver("a");
    const { effects } = fleet.step();
    expect(fleet.state?.phase).toBe("Completed");
    expect(view(fleet).waves[0]).toMatchObject({
      confirmed: 1,
      total: 2,
      notJoined: ["x", "y"],
    });
    const notes = effects.flatMap((e) =>
      e.kind === "note" ? [e.message] : [],
    );
    expect(notes.at(-1)).toBe(
      "00000001 is completed; not taken yet by s (suspended), y (never joined), x (never joined)",
    );
  });

  it("tells how far each cluster has come", () => {
    const fleet = fleetOf();
    expect(stages(fleet)).toBe("a issued, b issued, c issued, p waiting");
    fleet.deliver("a", { page: { applied: false } });
    fleet.deliver("b", { page: {} });
    fleet.deliver("c");
    fleet.step();
    expect(stages(fleet)).toBe("a acknowledged, b applied, c ready, p waiting");
    fleet.pass(30_000);
    expect(stages(fleet)).toContain("c confirmed");
    fleet.deliver("a", { page: { failed: true } });
    fleet.cut("b");
    fleet.step();
    expect(stages(fleet)).toBe("a failed, b offline, c confirmed, p waiting");
  });

  it("takes no part of a report for the whole", () => {
    const fleet = fleetOf();
    fleet.deliver("c");
    fleet.step();
    const input = fleet.inputNow();
    const clusters = input.clusters.map((fact) => ({
      ...fact,
      report: fact.report && { ...fact.report, bundles: [] },
    }));
    if (fleet.state === null) throw new Error("no rollout");
    const now = { ...input, clusters };
    const { waves } = describeRollout(fleet.state, now, fleet.reasons);
    expect(waves[0]?.clusters[2]).toMatchObject({ stage: "acknowledged" });
  });

  it("counts, with each count of the whole", () => {
    const fleet = fleetOf({ maxFailures: { kind: "count", count: 1 } });
    fleet.deliver("a", { page: { failed: true } });
    fleet.deliver("b", { page: {} });
    fleet.deliver("c");
    fleet.step();
    fleet.pass(30_000);
    expect(view(fleet).waves[0]).toMatchObject({
      name: "staging",
      stage: "progressing",
      total: 3,
      issued: 3,
      applied: 2,
      ready: 1,
      confirmed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  it("says why a gate is shut and what opens it", () => {
    const fleet = fleetOf({ soakMs: 60_000 });
    expect(view(fleet).waves.map((w) => [w.stage, w.gate])).toEqual([
      ["progressing", "3 of 3 clusters not confirmed"],
      ["waiting", "waits for wave staging"],
    ]);
    for (const name of ["a", "b", "c"]) fleet.deliver(name);
    fleet.step();
    fleet.pass(60_000);
    expect(view(fleet).waves[0]).toMatchObject({
      stage: "soaking",
      gate: "soaked 30s of 1m",
      soakedMs: 30_000,
      soakMs: 60_000,
    });
    fleet.pass(30_000);
    expect(view(fleet).waves[1]).toMatchObject({
      stage: "needsApproval",
      gate: "needs approval: wheelhouse rollout approve default --wave production",
    });
  });

  it("tells suspended, unchanged, skipped and held apart", () => {
    const fleet = fleetOf({ offline: "skip", minReadyMs: 0 });
    fleet.settle();
    fleet.step({ kind: "approve", wave: "production", by: exampleActor });
    fleet.settle();
    fleet.get("a").suspended = true;
    fleet.cut("b");
    fleet.commit(2, ({ name }) =>
      name === "p" ? null : { app: name === "c" ? "1" : "2", page: "1" },
    );
    fleet.step();
    fleet.pass(50_000);
    expect(stages(fleet)).toBe("a suspended, b skipped, c unchanged, p held");
    expect(view(fleet).waves[0]?.skipped).toBe(2);
  });

  it("gives the reason of the rollout as a whole", () => {
    const fleet = fleetOf();
    fleet.step({ kind: "pause", by: exampleActor });
    expect(view(fleet)).toMatchObject({
      phase: "Paused",
      reason: "paused by olivia: wheelhouse rollout resume default",
    });
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [40_999, "40s"],
    [140_000, "2m20s"],
    [1_800_000, "30m"],
    [3_900_000, "1h5m"],
    [7_200_000, "2h"],
    [-5, "0s"],
  ])("writes %i ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
