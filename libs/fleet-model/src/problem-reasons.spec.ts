import { describe, expect, it } from "vitest";
import { adviseProblem, problemReasons } from "./problem-reasons.ts";

const reasons = Object.entries(problemReasons);

describe("problemReasons", () => {
  it.each(reasons)("says what %s is, and what to do", (_, { what, advice }) => {
    expect(what).toMatch(/^[A-Z`\w].{10,}\.$/u);
    expect(advice).toMatch(/^[A-Z].{10,}[^.]$/u);
  });

  it("is in order, so that a reason is found", () => {
    const names = reasons.map(([name]) => name);
    expect(names).toEqual([...names].sort());
  });
});

describe("adviseProblem", () => {
  it("gives a problem its reason's advice, and leaves its own", () => {
    const bare = { reason: "DuplicateKey", subject: "s" } as const;
    expect(adviseProblem(bare).advice).toBe(problemReasons.DuplicateKey.advice);
    const own = { ...bare, advice: "Do this" };
    expect(adviseProblem(own)).toEqual(own);
  });
});
