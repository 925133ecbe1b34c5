import { describe, expect, it } from "vitest";
import { readArguments } from "./validate-arguments.ts";

describe("readArguments", () => {
  it("reads a path and its options", () => {
    expect(readArguments([".", "--cluster", "a", "-o", "json"])).toEqual({
      kind: "run",
      arguments: { path: ".", cluster: "a", output: "json" },
    });
    expect(readArguments([".", "-o", "yaml"])).toMatchObject({
      arguments: { output: "yaml" },
    });
    expect(readArguments(["repo"])).toEqual({
      kind: "run",
      arguments: { path: "repo", output: "table" },
    });
  });

  it.each([[[]], [["a", "b"]], [[".", "-o", "xml"]], [[".", "--wat"]]])(
    "refuses %j",
    (argv) => {
      expect(readArguments(argv).kind).toBe("wrong");
    },
  );
});
