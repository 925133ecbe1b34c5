import { describe, expect, it } from "vitest";
import { signsFor } from "./signs.ts";

const flat = ({ verdicts, ...signs }: ReturnType<typeof signsFor>) => [
  ...Object.values(signs),
  ...Object.values(verdicts),
];

describe("signs", () => {
  it("are drawn on a terminal, one for failure wherever it stands", () => {
    const { failed, verdicts } = signsFor({ isTTY: true }, {});
    expect([failed, verdicts.Unreachable]).toEqual(["✕", "✕"]);
  });

  it.each([
    [{}, {}],
    [{ isTTY: false }, {}],
    [{ isTTY: true }, { NO_COLOR: "1" }],
    [{ isTTY: true }, { TERM: "dumb" }],
  ])("are ASCII for %j with %j", (stream, env) => {
    const signs = flat(signsFor(stream, env));
    expect(signs.filter((sign) => !/^[\x21-\x7e]$/.test(sign))).toEqual([]);
  });

  it.each([true, false])("tell every verdict apart (terminal: %s)", (isTTY) => {
    const { verdicts } = signsFor({ isTTY }, {});
    expect(new Set(Object.values(verdicts)).size).toBe(7);
  });
});
