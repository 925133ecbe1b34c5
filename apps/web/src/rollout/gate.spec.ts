import { type RolloutView, type WaveView } from "@wheelhouse/rest-api";
import { describe, expect, it } from "vitest";
import { rolloutChoices } from "./actions.ts";
import { computeGate, soakLeft } from "./gate.ts";
import { sortByStage, stageProgress, tallyStages } from "./stage.ts";

const wave = (name: string, change: Partial<WaveView> = {}): WaveView => ({
  name,
  state: "completed",
  clusters: [],
  confirmed: 1,
  total: 1,
  soakMs: 600_000,
  soakedMs: 600_000,
  gate: "",
  needsApproval: false,
  approvedBy: null,
  ...change,
});

const commit = (id: string) => ({
  commit: id.repeat(40),
  branch: "main",
  subject: "",
  author: "",
  committedAt: "",
});

const rollout = (
  waves: readonly WaveView[],
  change: Partial<RolloutView> = {},
): RolloutView => ({
  name: "default",
  phase: "Progressing",
  reason: "",
  generation: 1,
  revision: commit("b"),
  previous: commit("a"),
  rejected: [],
  returning: false,
  startedAt: "",
  completedAt: null,
  waves,
  ...change,
});

const at = { soakedSinceMs: 0 };
const waiting = { state: "waiting", confirmed: 0, soakedMs: 0 } as const;

describe("a gate", () => {
  it("is not there before a first wave that needs nobody", () => {
    expect(computeGate(rollout([wave("a")]), 0, at)).toBeUndefined();
  });

  it("stands before a first wave that needs approval", () => {
    const first = wave("a", { ...waiting, needsApproval: true });
    expect(computeGate(rollout([first]), 0, at)?.state).toBe("approval");
  });

  it("says how many clusters must still be confirmed, and for how long it soaks", () => {
    const open = wave("a", { state: "open", confirmed: 1, total: 3 });
    const gate = computeGate(rollout([open, wave("b", waiting)]), 1, at);
    expect(gate).toEqual({
      state: "shut",
      wave: "b",
      sentences: [
        "Opens when 2 more clusters of a are confirmed, and has soaked 10m.",
      ],
    });
  });

  it("counts the soak down while the hub is live", () => {
    const soaking = wave("a", { state: "soaking", soakedMs: 120_000 });
    const gate = computeGate(rollout([soaking, wave("b", waiting)]), 1, {
      soakedSinceMs: 60_000,
    });
    expect(gate?.sentences).toEqual(["Opens when a has soaked: 7m left."]);
    expect(soakLeft(soaking, 9_000_000)).toBe(0);
  });

  it("is open with the name of who approved", () => {
    const next = wave("b", { state: "open", approvedBy: "ops" });
    expect(computeGate(rollout([wave("a"), next]), 1, at)).toMatchObject({
      state: "open",
      sentences: ["Approved by ops."],
    });
  });

  it("says first that the rollout stands still", () => {
    const waves = [wave("a", { state: "open" }), wave("b", waiting)];
    const halted = rollout(waves, { phase: "Halted" });
    expect(computeGate(halted, 1, at)?.sentences[0]).toBe(
      "The rollout is halted.",
    );
  });
});

describe("what can be done", () => {
  it.each([
    ["Progressing", ["pause", "abort", "undo"]],
    ["Paused", ["resume", "abort", "undo"]],
    ["Halted", ["resume", "abort", "undo"]],
    ["Blocked", ["undo"]],
    ["Completed", ["undo"]],
  ] as const)("in phase %s is %j", (phase, actions) => {
    const choices = rolloutChoices(rollout([], { phase }));
    expect(choices.map(({ action }) => action)).toEqual(actions);
  });

  it("is no undo where there is nothing to go back to", () => {
    const first = rollout([], { previous: null });
    expect(rolloutChoices(first).map(({ action }) => action)).toEqual([
      "pause",
      "abort",
    ]);
  });
});

describe("stages", () => {
  it("count the facts that are passed", () => {
    expect(stageProgress("waiting")).toBe(0);
    expect(stageProgress("issued")).toBe(1);
    expect(stageProgress("confirmed")).toBe(5);
    expect(stageProgress("unchanged")).toBe(5);
    expect(stageProgress("failed")).toBe(0);
  });

  it("are sorted with what needs a person first, and counted", () => {
    const clusters = (["confirmed", "waiting", "failed"] as const).map(
      (stage) => ({ name: stage, stage, message: "" }),
    );
    expect(sortByStage(clusters).map(({ name }) => name)).toEqual([
      "failed",
      "waiting",
      "confirmed",
    ]);
    expect(tallyStages(clusters)[0]).toEqual({ stage: "failed", clusters: 1 });
  });
});
