import { describe, expect, it } from "vitest";
import { calledAsIn, writeAsCalled, writeHelpAsCalled } from "./called-as.ts";

describe("a suggestion", () => {
  it.each([
    [
      "go on: wheelhouse rollout resume x",
      "go on: npx wheelhouse rollout resume x",
    ],
    [
      "(wheelhouse hub), wheelhouse login",
      "(npx wheelhouse hub), npx wheelhouse login",
    ],
    ["npx wheelhouse status", "npx wheelhouse status"],
    ["/opt/wheelhouse status", "/opt/wheelhouse status"],
    ["the wheelhouse is a place", "the wheelhouse is a place"],
    ["wheelhouse statuses", "wheelhouse statuses"],
    ["see wheelhouse --help", "see npx wheelhouse --help"],
  ])("%j reads %j in a checkout", (text, expected) => {
    expect(writeAsCalled(text, "npx wheelhouse")).toBe(expected);
  });
});

describe("a program that another starts", () => {
  it("is told how a person calls it", () => {
    expect(calledAsIn({ WHEELHOUSE_CALLED_AS: "npx wheelhouse" })).toBe(
      "npx wheelhouse",
    );
    expect(calledAsIn({ WHEELHOUSE_CALLED_AS: "" })).toBe("wheelhouse");
    expect(calledAsIn({})).toBe("wheelhouse");
  });

  it("writes of its help what is to be typed, and leaves the rest", () => {
    const help = [
      ...[
        "usage: wheelhouse hub --data DIR",
        "  --data DIR  by wheelhouse init",
      ],
      "example: wheelhouse hub --data hub",
    ];
    expect(writeHelpAsCalled(help.join("\n"), "npx wheelhouse")).toBe(
      [...help.slice(0, 2), "example: npx wheelhouse hub --data hub"].join(
        "\n",
      ),
    );
  });
});
