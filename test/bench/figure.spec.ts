import { describe, expect, it } from "vitest";
import { type Figure, formatFigures, judgeFigures } from "./figure.ts";

const figure = (value: number, atMost?: number): Figure => ({
  bench: "rollout",
  name: `first Ready ${value}`,
  value,
  unit: "s",
  ...(atMost === undefined ? {} : { atMost }),
});

describe("what a bench ends with", () => {
  it.each([
    ["nothing was measured", []],
    ["no figure has a goal", [figure(900), figure(0)]],
    ["every goal is met", [figure(9.9, 10), figure(900)]],
    ["a goal is met exactly", [figure(10, 10)]],
  ])("is 0 where %s", (_when, figures) => {
    expect(judgeFigures(figures)).toEqual({
      ...{ text: "✓ every goal is met\n", exitCode: 0 },
    });
  });

  it("is 1 where one goal is missed, and names it alone", () => {
    const figures = [figure(9, 10), figure(10.1, 10), figure(900)];
    expect(judgeFigures(figures)).toEqual({
      ...{ text: "✕ missed: rollout: first Ready 10.1\n", exitCode: 1 },
    });
    expect(formatFigures(figures)).toMatch(/10\.1 .*MISSED: at most 10/);
  });

  it("names every goal that is missed", () => {
    const { text } = judgeFigures([figure(11, 10), figure(12, 10)]);
    expect(text.split("\n").filter(Boolean)).toHaveLength(2);
  });

  it("is 1 where a figure with a goal could not be measured", () => {
    expect(judgeFigures([figure(Number.NaN, 10)]).exitCode).toBe(1);
  });
});
