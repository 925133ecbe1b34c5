import { type RolloutView } from "@wheelhouse/rest-api";
import { describe, expect, it } from "vitest";
import { type Decision, formatDecision } from "./decision-text.ts";

const revisionOf = (commit: string) => ({
  ...{ commit, branch: "main", subject: "web", author: "a" },
  committedAt: "2026-01-01T00:00:00Z",
});
const rolloutAt = (
  commit: string,
  phase: RolloutView["phase"],
): RolloutView => ({
  ...{ name: "default", phase, reason: "", generation: 7, waves: [] },
  ...{ revision: revisionOf(commit), previous: null, rejected: [] },
  ...{ returning: false, startedAt: "", completedAt: null },
});
const [bad, good] = ["e67ebb2400", "c97ddecc00"];
const say = (decision: Partial<Decision> & Pick<Decision, "action">) =>
  formatDecision({
    ...{ request: {}, before: null, head: null },
    after: rolloutAt(good, "Progressing"),
    ...decision,
  });

describe("what is said of a decision", () => {
  const allow = {
    action: "resume",
    request: { revision: "e67ebb24" },
  } as const;

  it("of a commit that is allowed again is that it rolls out now", () => {
    const after = rolloutAt(bad, "Progressing");
    expect(say({ ...allow, after })).toBe(
      "e67ebb24 is allowed again, and rolls out now\n",
    );
    expect(say({ ...allow, after: rolloutAt(bad, "Blocked") })).toBe(
      "e67ebb24 is allowed again; default is at it, and Blocked\n",
    );
  });

  it("of one that does not roll out at once is when it does", () => {
    const head = revisionOf(bad);
    expect(say({ ...allow, head })).toContain("with the hub's next step");
    const paused = rolloutAt(good, "Paused");
    expect(say({ ...allow, head, after: paused })).toBe(
      "e67ebb24 is allowed again, and rolls out after: wheelhouse rollout resume default\n",
    );
    expect(say({ ...allow, head: revisionOf(good) })).toBe(
      "e67ebb24 is allowed again, and rolls out only once it is the newest commit again: main is at c97ddecc\n",
    );
  });

  it("of a resume is whether it goes on", () => {
    expect(say({ action: "resume" })).toBe("default goes on\n");
    const after = rolloutAt(good, "Halted");
    expect(say({ action: "resume", after })).toBe(
      "default is paused no longer; it is Halted, as it was before\n",
    );
  });

  it("of every other one is what it does", () => {
    const before = rolloutAt(bad, "Halted");
    expect(say({ action: "undo", before })).toBe(
      "e67ebb24 is rejected for good: every cluster goes back to c97ddecc now\n",
    );
    expect(say({ action: "pause" })).toContain("nothing more is issued");
    expect(say({ action: "abort" })).toContain("stays where it is");
    const request = { wave: "prod" };
    expect(say({ action: "approve", request })).toBe(
      "wave prod of default is approved\n",
    );
    const after = rolloutAt(good, "Paused");
    expect(say({ action: "approve", request, after })).toBe(
      "wave prod of default is approved: it begins once default is resumed\n",
    );
  });
});
