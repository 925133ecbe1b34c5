import { describe, expect, it } from "vitest";
import { readCompatArguments } from "./compat-arguments.ts";

describe("readCompatArguments", () => {
  it("reads roots, sources and files", () => {
    const argv =
      "repo --root a --root b --source x.git=/tmp/x=y --vars v.yaml --objects o.jsonl";
    expect(readCompatArguments(argv.split(" "))).toEqual({
      kind: "run",
      arguments: {
        path: "repo",
        roots: ["a", "b"],
        sources: [{ match: "x.git", directory: "/tmp/x=y" }],
        variablesFile: "v.yaml",
        objectsFile: "o.jsonl",
        output: "table",
      },
    });
  });

  it.each([
    [[], "needs exactly one PATH"],
    [["a", "b"], "needs exactly one PATH"],
    [["a", "--source", "x"], "--source x: must be MATCH=DIR"],
    [["a", "-o", "xml"], "-o xml: table or json"],
    [["a", "--wat"], "--wat"],
  ])("refuses %j", (argv, message) => {
    const read = readCompatArguments(argv);
    expect(read).toMatchObject({
      kind: "wrong",
      message: expect.stringContaining(message) as string,
    });
  });
});
