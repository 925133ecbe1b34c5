import { describe, expect, it } from "vitest";
import { formatAge, formatDuration } from "./age.ts";
import { createPalette } from "./palette.ts";
import { formatTable, scrubText } from "./table.ts";

describe("a table", () => {
  it("aligns columns left with two spaces and nothing at the end", () => {
    const text = formatTable(
      ["NAME", "AGE"],
      [
        ["prod-eu-1", "3m"],
        ["s", ""],
      ],
    );
    expect(text).toBe("NAME       AGE\nprod-eu-1  3m\ns\n");
  });

  it("measures a coloured cell by what is seen of it", () => {
    const text = formatTable(["A", "B"], [["\u001b[32mok\u001b[0m", "x"]]);
    expect(text).toBe("A   B\n\u001b[32mok\u001b[0m  x\n");
  });

  it("leaves its headers out when asked", () => {
    expect(formatTable(["A"], [["x"]], { noHeaders: true })).toBe("x\n");
  });

  it("takes control and direction characters out of foreign text", () => {
    expect(scrubText("a\u001b[2Jb\nc\u202ed")).toBe("a [2Jb c d");
  });
});

describe("an age", () => {
  it.each([
    [0, "0s"],
    [999, "0s"],
    [59_000, "59s"],
    [61_000, "1m1s"],
    [600_000, "10m"],
    [3_600_000, "1h"],
    [90_000_000, "1d1h"],
    [864_000_000, "10d"],
  ])("of %i ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("is never negative, and unknown for what is no time", () => {
    expect(formatAge("2026-01-01T00:00:10Z", "2026-01-01T00:00:00Z")).toBe(
      "0s",
    );
    expect(formatAge("soon", "2026-01-01T00:00:00Z")).toBe("?");
  });
});

describe("a verdict", () => {
  it("has sign, word and colour on a terminal", () => {
    const palette = createPalette({ isTTY: true }, {});
    expect(palette.verdict("Held")).toBe("\u001b[35m■ Held\u001b[0m");
  });

  it.each([
    [{ isTTY: false }, {}],
    [{ isTTY: true }, { NO_COLOR: "1" }],
    [{ isTTY: true }, { TERM: "dumb" }],
  ])("is ASCII for %j with %j", (stream, env) => {
    expect(createPalette(stream, env).verdict("Held")).toBe("= Held");
  });
});
