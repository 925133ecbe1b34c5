import { type RolloutView } from "@wheelhouse/rest-api";
import { describe, expect, it } from "vitest";
import { nextStep } from "./actions.ts";

const halted = {
  phase: "Halted",
  previous: { commit: "f231fcde0000" },
} as RolloutView;

describe("the next step", () => {
  it("of a halted rollout is a fix, the way back, or on", () => {
    expect(nextStep(halted)).toBe(
      "Push a fix, go back to f231fcde with Undo, or go on all the same with Resume.",
    );
    expect(nextStep({ ...halted, previous: null })).toBe(
      "Push a fix or go on all the same with Resume.",
    );
  });

  it.each(["Progressing", "Completed"] as const)(
    "of one that is %s is none",
    (phase) => {
      expect(nextStep({ ...halted, phase })).toBe("");
    },
  );
});
