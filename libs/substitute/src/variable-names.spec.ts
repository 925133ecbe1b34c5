import { describe, expect, it } from "vitest";
import { variableNames } from "./variable-names.ts";

describe("variableNames", () => {
  it.each([
    ["plain $text and $$ and a lone $", []],
    ["${A} ${B:=x} ${#C}", ["A", "B", "C"]],
    ["${A:-${INNER:=${DEEP}}}", ["A", "DEEP", "INNER"]],
    ["$${A}", []],
    ["${", undefined],
  ])("finds every name, also within defaults: %s", (text, names) => {
    expect(variableNames(text)).toEqual(names);
  });
});
